"""What a place for backups can do. The same for each, whatever lies behind it."""

import dataclasses
from pathlib import Path
from typing import Protocol


class TargetError(Exception):
    """The place does not take, give or name files now. The message says what to mend."""


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    name: str
    size: int


class Target(Protocol):
    def put(self, path: Path, name: str) -> None:
        """Copy a file there. It has its name once it is whole."""

    def entries(self) -> list[Entry]:
        """All files there, by name."""

    def fetch(self, name: str, path: Path) -> None:
        """Copy a file from there to `path`, which is not there yet."""

    def remove(self, name: str) -> None: ...
