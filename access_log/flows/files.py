"""The flow log on the disk, as it is read: files of an hour each, one block after another.

    00000042-20261122T08Z.flows     the 42nd file, begun in that hour of UTC

The number orders them: a clock that was set back changes nothing. Whoever reads needs no leave of
whoever writes: a block that is not whole yet is not there yet.
"""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

from access_log.flows import blocks
from access_log.flows.blocks import HEADER_BYTES, BlockError, Header

_NAME = re.compile(r"(\d{8})-(\d{8}T\d\d)Z\.flows")
_HOUR = "%Y%m%dT%H"


class HourFile(NamedTuple):
    number: int
    hour: dt.datetime
    path: Path

    @classmethod
    def begun(cls, folder: Path, number: int, now: dt.datetime) -> Self:
        hour = now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
        return cls(number, hour, folder / f"{number:08}-{hour:{_HOUR}}Z.flows")

    @property
    def day(self) -> dt.date:
        """Of UTC."""
        return self.hour.date()

    @property
    def size(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0


class Found(NamedTuple):
    """A block that is whole as far as its header tells."""

    at: int
    """Where in the file it begins."""
    header: Header

    @property
    def end(self) -> int:
        return self.at + HEADER_BYTES + self.header.length


def listed(folder: Path) -> list[HourFile]:
    """In order."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        if match := _NAME.fullmatch(path.name):
            hour = dt.datetime.strptime(match[2], _HOUR).replace(tzinfo=dt.UTC)
            found.append(HourFile(int(match[1]), hour, path))
    return sorted(found)


def headers(path: Path) -> Iterator[Found]:
    """All whole blocks from the file's beginning on; ends silently at what is none."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        at = 0
        while at < size:
            file.seek(at)
            try:
                found = Found(at, blocks.read_header(file.read(HEADER_BYTES)))
            except BlockError:
                return
            if found.end > size:
                return
            yield found
            at = found.end


def read(path: Path, found: Found) -> bytes:
    """The whole block, header and body."""
    with path.open("rb") as file:
        file.seek(found.at)
        return file.read(HEADER_BYTES + found.header.length)


def head(folder: Path) -> tuple[int, bytes]:
    """Number and hash of the last block; (0, `blocks.FIRST`) where there is none."""
    for hour_file in reversed(listed(folder)):
        whole = list(headers(hour_file.path))
        if whole:
            return whole[-1].header.number, blocks.digest(read(hour_file.path, whole[-1]))
    return 0, blocks.FIRST
