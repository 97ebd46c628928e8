"""The flow log's own keys: 32 octets in hexadecimal a line, of which the last one seals.

Apart from `secrets.toml`, because whoever writes the flow log is to know nothing else.
"""

import os
import secrets
import stat
from pathlib import Path

from access_log.flows.blocks import KEY_BYTES, Keys
from core import whole_file


class FlowKeyError(Exception):
    """The key file cannot be trusted, read or made; the message says what to mend."""


def load(path: Path) -> Keys:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise FlowKeyError(f"{path} is open to others (mode {mode:04o}): chmod 600 {path}")
        keys = [bytes.fromhex(line) for line in path.read_text("ascii").split()]
    except (OSError, ValueError) as error:
        raise FlowKeyError(f"{path} is not a readable key file; restore it") from error
    if not keys or {len(key) for key in keys} != {KEY_BYTES}:
        raise FlowKeyError(f"{path} is not a key file; restore it")
    return Keys(keys)


def load_or_create(path: Path, *, has_log: bool) -> Keys:
    """The keys; made, mode 0600, if there is no file and nothing was ever sealed."""
    if not path.exists():
        if has_log:
            raise FlowKeyError(
                f"{path} is gone, and with it what opens the flow log: restore it, or move the"
                " folder of the flow log away"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            content = f"{secrets.token_hex(KEY_BYTES)}{os.linesep}".encode()
            whole_file.replace(path, content, mode=0o600)
        except OSError as error:
            raise FlowKeyError(f"{path} cannot be written: {error.strerror}") from error
    return load(path)
