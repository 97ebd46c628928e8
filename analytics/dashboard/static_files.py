"""Addresses of what pages fetch: style, scripts, icon. No Flask.

Each carries a hash of its file, so a browser may keep it for good, and asks for the new one as
soon as there is a new one.
"""

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path

VERSION = "v"
"""The argument that carries the hash."""
FOLDER = Path(__file__).parent / "static"

_HASH_LETTERS = 12


@dataclasses.dataclass(frozen=True, slots=True)
class StaticFile:
    folder: Path
    version: str
    """The hash of what is in it."""


def find(*folders: Path) -> Mapping[str, StaticFile]:
    """Every file by its path below its folder; of two of one path, that of the later folder."""
    return {
        path.relative_to(folder).as_posix(): StaticFile(folder, _hash(path))
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_HASH_LETTERS]
