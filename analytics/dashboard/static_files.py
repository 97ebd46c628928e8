"""Addresses of what pages fetch: style, scripts, icon. No Flask.

Each carries a hash of its file, so a browser may keep it for good, and asks for the new one as
soon as there is a new one.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

VERSION = "v"
"""The argument that carries the hash."""
FOLDER = Path(__file__).parent / "static"

_HASH_LETTERS = 12


def versions(folder: Path = FOLDER) -> Mapping[str, str]:
    """The hash of every file, by its path below `folder`."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[
            :_HASH_LETTERS
        ]
        for path in files
    }
