"""The appliance's own secrets: made on first start, kept in a file only its owner reads.

No secret has a default. A lost file means that sealed fields stay closed for good,
so the file belongs into the backup, apart from the database (docs/privacy.md).
"""

import dataclasses
import os
import secrets
import stat
import tomllib
from pathlib import Path

NAME = "secrets.toml"


class SecretFileError(Exception):
    """The file cannot be trusted or read; the message names the file and the mend."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Four independent 256-bit secrets."""

    field_key: bytes
    """Seals personal fields (`core.sealing`)."""
    code_key: bytes
    """Keys the hash of one-time codes, so that a stolen database does not yield them."""
    form_key: bytes
    """Signs the dashboard's session cookie."""
    crm_key: bytes
    """Signs what is sent to the CRM, unless `crm.signing_key` gives another."""

    def __repr__(self) -> str:
        return "Secrets(hidden)"


def load_or_create(data_dir: Path) -> Secrets:
    """Read `secrets.toml` in `data_dir`; make it, mode 0600, if it is not there.

    Safe when several programs start at once: the first one's file wins.
    """
    path = data_dir / NAME
    if not path.exists():
        _create(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise SecretFileError(f"{path} is open to others (mode {mode:04o}): chmod 600 {path}")
    try:
        values = tomllib.loads(path.read_text())
        return Secrets(**{f.name: _key(values, f.name) for f in dataclasses.fields(Secrets)})
    except (ValueError, KeyError, OSError) as error:
        raise SecretFileError(f"{path} is not a readable secrets file; restore it") from error


def _key(values: dict[str, object], name: str) -> bytes:
    key = bytes.fromhex(str(values[name]))
    if len(key) != 32:  # noqa: PLR2004 - the width of every key
        raise ValueError(name)
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f'{field.name} = "{secrets.token_hex(32)}"\n' for field in dataclasses.fields(Secrets)]
    # Written aside and linked into place: nobody ever reads half a file, and when two
    # programs start at once, `link` lets only the first one in.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
