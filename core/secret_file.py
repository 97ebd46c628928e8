"""The appliance's own secrets: made on first start, kept in a file only its owner reads.

No secret has a default. A lost file means that sealed fields stay closed for good,
so the file belongs into the backup, apart from the database (docs/keys.md).
"""

import contextlib
import dataclasses
import datetime as dt
import fcntl
import os
import secrets
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import clock, whole_file
from core.sealing import KEY_BYTES, FieldKeys, KeySourceError, Sealer, derived_lookup_key

NAME = "secrets.toml"
_HIGHEST_NUMBER = 255


class SecretFileError(KeySourceError):
    """The file cannot be trusted, read or changed; the message names the file and the mend."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class FieldKey:
    """One of the keys that seal personal fields (`core.sealing`)."""

    number: int
    """Stands in each field sealed with it; never given twice."""
    made_at: dt.datetime
    key: bytes

    def __repr__(self) -> str:
        return f"FieldKey({self.number}, hidden)"


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Independent 256-bit secrets."""

    field_keys: tuple[FieldKey, ...]
    """The oldest first; the last one seals."""
    lookup_key: bytes
    """Keys blind indexes. Never changes: docs/decisions/0012-key-rotation.md."""
    code_key: bytes
    """Keys the hash of one-time codes, so that a stolen database does not yield them."""
    form_key: bytes
    """Signs the dashboard's session cookie."""
    crm_key: bytes
    """Signs what is sent to the CRM, unless `crm.signing_key` gives another."""

    def keys(self) -> FieldKeys:
        return FieldKeys({each.number: each.key for each in self.field_keys}, self.lookup_key)

    def with_new_field_key(self, now: dt.datetime) -> "Secrets":
        number = self.field_keys[-1].number + 1
        if number > _HIGHEST_NUMBER:
            raise SecretFileError(f"there are no more than {_HIGHEST_NUMBER} field keys")
        made = FieldKey(number, now, secrets.token_bytes(KEY_BYTES))
        return dataclasses.replace(self, field_keys=(*self.field_keys, made))

    def with_field_keys(self, numbers: set[int]) -> "Secrets":
        """The same with these field keys alone."""
        kept = tuple(each for each in self.field_keys if each.number in numbers)
        return dataclasses.replace(self, field_keys=kept)

    def __repr__(self) -> str:
        return "Secrets(hidden)"


class KeyFile:
    """The field keys of the file in a folder; read again whenever the file was replaced."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        load_or_create(data_dir)
        self._seen = self._read()

    def current(self) -> FieldKeys:
        """The keys, or SecretFileError."""
        if self._version() != self._seen[0]:
            self._seen = self._read()
        return self._seen[1]

    def _read(self) -> tuple[tuple[int, ...], FieldKeys]:
        # The version first: a file that replaces this one meanwhile is read the next time.
        version = self._version()
        return version, load(self._data_dir).keys()

    def _version(self) -> tuple[int, ...]:
        try:
            found = (self._data_dir / NAME).stat()
        except OSError as error:
            raise _unreadable(self._data_dir / NAME) from error
        return found.st_ino, found.st_mtime_ns, found.st_size


def open_sealer(data_dir: Path) -> Sealer:
    """A sealer with the keys in `data_dir`, which are made if they are not there.

    It learns of a new key as soon as `doorman keys rotate` has written it.
    """
    return Sealer(KeyFile(data_dir))


def load_or_create(data_dir: Path) -> Secrets:
    """Read `secrets.toml` in `data_dir`; make it, mode 0600, if it is not there.

    Safe when several programs start at once: the first one's file wins.
    """
    if not (data_dir / NAME).exists():
        _create(data_dir / NAME)
    return load(data_dir)


def new() -> Secrets:
    """Secrets that no file holds yet."""
    first = FieldKey(1, clock.now(), secrets.token_bytes(KEY_BYTES))
    return Secrets((first,), *(secrets.token_bytes(KEY_BYTES) for _ in range(4)))


def load(data_dir: Path) -> Secrets:
    """Read `secrets.toml` in `data_dir`, or SecretFileError."""
    path = data_dir / NAME
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise SecretFileError(f"{path} is open to others (mode {mode:04o}): chmod 600 {path}")
        return _parsed(tomllib.loads(path.read_text()), path)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise _unreadable(path) from error


def replace(data_dir: Path, content: Secrets) -> None:
    """Put other secrets in place of those in the file; at no moment is there half a file.

    The file keeps its owner, whoever asks: else the programs could not read it any more.
    """
    path = data_dir / NAME
    whole_file.replace(path, _text(content), mode=0o600, owner_of=path)


@contextlib.contextmanager
def changing(data_dir: Path) -> Iterator[None]:
    """Lets one process at a time change the keys. The lock ends with its process."""
    try:
        descriptor = os.open(data_dir, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise SecretFileError(f"{data_dir} cannot be opened") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise SecretFileError("another `doorman keys` is at work: wait for its end") from error
    finally:
        os.close(descriptor)


def _unreadable(path: Path) -> SecretFileError:
    return SecretFileError(f"{path} is not a readable secrets file; restore it")


def _parsed(values: dict[str, Any], path: Path) -> Secrets:
    if "field_key" in values:
        # A file from before keys had numbers: it was written once, when its key was made.
        made_at = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
        only = FieldKey(1, made_at, _key(values["field_key"]))
        field_keys, lookup_key = [only], derived_lookup_key(only.key)
    else:
        field_keys = [
            FieldKey(_number(each["number"]), _moment(each["made_at"]), _key(each["key"]))
            for each in values["field_keys"]
        ]
        lookup_key = _key(values["lookup_key"])
    numbers = [each.number for each in field_keys]
    if not numbers or numbers != sorted(set(numbers)):
        raise ValueError("numbers of field keys")
    others = {name: _key(values[name]) for name in ("code_key", "form_key", "crm_key")}
    return Secrets(field_keys=tuple(field_keys), lookup_key=lookup_key, **others)


def _key(value: object) -> bytes:
    key = bytes.fromhex(str(value))
    if len(key) != KEY_BYTES:
        raise ValueError("the width of a key")
    return key


def _number(value: object) -> int:
    if not isinstance(value, int) or not 1 <= value <= _HIGHEST_NUMBER:
        raise ValueError("the number of a key")
    return value


def _moment(value: object) -> dt.datetime:
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise ValueError("the date of a key")
    return value


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{NAME}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    whole_file.write_draft(draft, _text(new()), mode=0o600)
    # When two programs start at once, `link` lets only the first one in.
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    whole_file.to_disk(path.parent)


def _text(content: Secrets) -> bytes:
    names = ("lookup_key", "code_key", "form_key", "crm_key")
    lines = [f'{name} = "{getattr(content, name).hex()}"' for name in names]
    for each in content.field_keys:
        lines += [
            "",
            "[[field_keys]]",
            f"number = {each.number}",
            f"made_at = {each.made_at.isoformat(timespec='seconds')}",
            f'key = "{each.key.hex()}"',
        ]
    return "\n".join([*lines, ""]).encode()
