"""Checks the flow log: that no block was changed, left out, moved or put in.

It needs nothing but the files and, to look into what is sealed, the keys. What was cut off at the
end shows only to whoever knows a later hash from elsewhere (`known`).
"""

import dataclasses
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from access_log.flows import blocks, files, table
from access_log.flows.blocks import BlockError, Header, Keys, Kind
from access_log.flows.files import HourFile


@dataclasses.dataclass(slots=True)
class Verdict:
    count: int = 0
    """Of blocks."""
    rows: int = 0
    lost: int = 0
    """Events that the kernel had no room for: told honestly, and no fault of the chain."""
    first: int = 0
    last: int = 0
    head: bytes = blocks.FIRST
    faults: list[str] = dataclasses.field(default_factory=list)
    notes: list[Mapping[str, Any]] = dataclasses.field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.faults


def verify(folder: Path, keys: Keys, known: Mapping[int, bytes] | None = None) -> Verdict:
    """Look at every block. `known`: hashes of blocks by number that were noted elsewhere."""
    verdict = Verdict()
    noted = dict(known or {})
    origin = blocks.FIRST
    for hour_file in files.listed(folder):
        end = 0
        for found in files.headers(hour_file.path):
            end = found.end
            if not verdict.first:
                verdict.first, origin = found.header.number, found.header.previous
            block = files.read(hour_file.path, found)
            _look(verdict, found.header, block, keys)
            _compare(verdict, noted.pop(found.header.number, None))
        if end != hour_file.size:
            verdict.faults.append(f"{hour_file.path.name}: no block where one should begin, {end}")
    _look_at_beginning(verdict, origin)
    verdict.faults += [
        f"block {number} is not there any more"
        for number in noted
        if number >= max(verdict.first, 1)
    ]
    return verdict


def _look(verdict: Verdict, header: Header, block: bytes, keys: Keys) -> None:
    if verdict.count and (header.number, header.previous) != (verdict.last + 1, verdict.head):
        verdict.faults.append(f"block {header.number} does not follow block {verdict.last}")
    try:
        content = keys.open(header, block[blocks.HEADER_BYTES :])
        if header.kind is Kind.FLOWS:
            table.unpack(content, header.rows)
        else:
            verdict.notes.append(json.loads(zlib.decompress(content)))
    except (BlockError, table.BadRowsError) as error:
        verdict.faults.append(str(error))
    verdict.count += 1
    verdict.rows += header.rows
    verdict.lost += header.lost
    verdict.last, verdict.head = header.number, blocks.digest(block)


def _compare(verdict: Verdict, known: bytes | None) -> None:
    if known is not None and known != verdict.head:
        verdict.faults.append(f"block {verdict.last} is not the one that was noted elsewhere")


def _look_at_beginning(verdict: Verdict, origin: bytes) -> None:
    """What is before the first block was ended by us, or never was."""
    if verdict.first <= 1:
        if origin != blocks.FIRST:
            verdict.faults.append("block 1 is not the first of its chain")
        return
    ended = {
        (note.get("through"), note.get("hash"))
        for note in verdict.notes
        if note.get("event") == "dropped"
    }
    if (verdict.first - 1, origin.hex()) not in ended:
        verdict.faults.append(f"nothing says why what was before block {verdict.first} is gone")


def rows_of(hour_file: HourFile, found: files.Found, keys: Keys) -> table.Rows:
    """The rows of a block, or BlockError."""
    block = files.read(hour_file.path, found)
    content = keys.open(found.header, block[blocks.HEADER_BYTES :])
    try:
        return table.unpack(content, found.header.rows)
    except table.BadRowsError as error:
        raise BlockError(f"block {found.header.number}: {error}") from error
