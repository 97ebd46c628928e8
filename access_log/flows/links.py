"""Checks the flow log without its keys: that each block is bound to the one before it.

So whoever may see the files, and not what is in them, sees that nothing was changed, left out or
moved, but for the last block. `access_log.flows.chain` looks into them as well.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from access_log.flows import blocks, files
from access_log.flows.files import HourFile

MOST_BYTES: Final = 4 << 30


class Known(NamedTuple):
    """A block as it was seen before."""

    number: int
    hash: bytes


@dataclasses.dataclass(slots=True)
class Verdict:
    count: int = 0
    """Of blocks that follow each other."""
    number: int = 0
    """Of the last one."""
    hash: bytes = blocks.FIRST
    fault: str = ""
    """The first; empty if there is none."""


def verify(folder: Path, known: Known | None = None, most_bytes: int = MOST_BYTES) -> Verdict:
    """Look at the newest files, as far back as `most_bytes`. OSError: they cannot be read."""
    verdict = Verdict()
    kept = files.listed(folder)
    for hour_file in _newest(kept, most_bytes):
        verdict.fault = _walk(verdict, hour_file, known, is_last=hour_file is kept[-1])
        if verdict.fault:
            return verdict
    if known is not None and known.number > verdict.number:
        verdict.fault = f"blocks {verdict.number + 1} to {known.number} are gone"
    return verdict


def _newest(kept: Sequence[HourFile], most_bytes: int) -> Sequence[HourFile]:
    total = 0
    for at in range(len(kept) - 1, -1, -1):
        total += kept[at].size
        if total > most_bytes:
            return kept[at + 1 :]
    return kept


def _walk(verdict: Verdict, hour_file: HourFile, known: Known | None, *, is_last: bool) -> str:
    """The first fault of a file."""
    end, size = 0, hour_file.size
    try:
        for found in files.headers(hour_file.path):
            end, header = found.end, found.header
            is_next = (header.number, header.previous) == (verdict.number + 1, verdict.hash)
            if verdict.count and not is_next:
                return f"block {header.number} does not follow block {verdict.number}"
            verdict.count += 1
            verdict.number = header.number
            verdict.hash = blocks.digest(files.read(hour_file.path, found))
            if known is not None and known.number == header.number and known.hash != verdict.hash:
                return f"block {header.number} is not the one that was seen before"
    except FileNotFoundError:
        # Its day has ended meanwhile. The oldest go first, so all that was seen has gone, too.
        verdict.count = 0
        return ""
    # Of the newest file the last block may be on its way to the disk.
    if end < size and not is_last:
        return f"{hour_file.path.name}: no block where one should begin, {end}"
    return ""
