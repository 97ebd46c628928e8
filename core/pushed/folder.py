"""The versions from headquarters that a store keeps, and which of them it goes by.

    pushed/state.json              the version in force, since when, pinned or not
    pushed/versions/<number>.json  a version as it came: signed bytes and their signature

A version is written before the state names it, and the state is replaced in one step: whenever
a program is cut off, the store goes by one whole version or by the one before. Light enough for
every program, since all settings are read through it.
"""

import base64
import dataclasses
import datetime as dt
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core import whole_file
from core.pushed import allowed

_MOST_KEPT = 20
_NUMBER = re.compile(r"([0-9]{1,9})\.json")


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """What the store goes by."""

    version: int | None = None
    """None: it goes by no version."""
    is_pinned: bool = False
    """It was rolled back by somebody at the store, and takes nothing newer."""
    since: dt.datetime | None = None
    former: int | None = None
    """What it went by before."""


class Folder:
    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "pushed"
        self._versions = self._root / "versions"

    def standing(self) -> Standing:
        """That of a store without versions if the file is missing or cannot be read."""
        try:
            found = json.loads((self._root / "state.json").read_bytes())
            since = found["since"]
            return Standing(
                found["version"],
                found["is_pinned"],
                since and dt.datetime.fromisoformat(since),
                found["former"],
            )
        except (OSError, ValueError, KeyError, TypeError):
            return Standing()

    def stamp(self) -> tuple[int, int] | None:
        """Changes whenever the standing does."""
        try:
            found = (self._root / "state.json").stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def numbers(self) -> list[int]:
        """The versions that are kept, the newest first."""
        try:
            names = [each.name for each in self._versions.iterdir()]
        except OSError:
            return []
        return sorted((int(m[1]) for name in names if (m := _NUMBER.fullmatch(name))), reverse=True)

    def read(self, number: int) -> tuple[bytes, bytes] | None:
        """Signed bytes and signature; None if they are not kept, or damaged."""
        try:
            found = json.loads(self._path(number).read_bytes())
            return base64.b64decode(found["document"]), base64.b64decode(found["signature"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, number: int, document: bytes, signature: bytes) -> None:
        """OSError if the disk refuses; nothing has changed then."""
        whole = {
            "document": base64.b64encode(document).decode(),
            "signature": base64.b64encode(signature).decode(),
        }
        self._versions.mkdir(parents=True, exist_ok=True)
        whole_file.replace(self._path(number), json.dumps(whole).encode())
        in_use = self.standing()
        for old in self.numbers()[_MOST_KEPT:]:
            if old not in {in_use.version, in_use.former}:
                self._path(old).unlink(missing_ok=True)

    def go_by(self, version: int | None, now: dt.datetime, *, is_pinned: bool = False) -> None:
        """From now on. The version has to be kept already."""
        before = self.standing()
        is_new = version != before.version
        state = {
            "version": version,
            "is_pinned": is_pinned,
            "since": now.isoformat() if is_new else before.since and before.since.isoformat(),
            "former": before.version if is_new else before.former,
        }
        self._root.mkdir(parents=True, exist_ok=True)
        whole_file.replace(self._root / "state.json", json.dumps(state).encode())

    def document(self, number: int | None) -> Mapping[str, Any]:
        """What a version says, unjudged; nothing if there is none."""
        found = self.read(number) if number is not None else None
        try:
            said = json.loads(found[0]) if found else {}
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}

    def settings(self) -> dict[str, dict[str, Any]]:
        """Those in force that headquarters may push."""
        found = self.document(self.standing().version).get("settings")
        return allowed.only(found) if isinstance(found, dict) else {}

    def _path(self, number: int) -> Path:
        return self._versions / f"{number}.json"
