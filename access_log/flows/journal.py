"""Writes the flow log: blocks at the end of the newest file, each on the disk before it counts.

A block is one write and one wait for the disk. What a power cut leaves of the last one is put
aside at the next start, and said. The oldest whole days end when they are too old or too much;
a note in the chain says up to which block that was, and what its hash is.
"""

import contextlib
import datetime as dt
import errno
import fcntl
import json
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

from access_log.flows import blocks, bounds, files, records
from access_log.flows.blocks import BlockError, Header, Keys, Kind
from access_log.flows.bounds import Bounds
from access_log.flows.files import HourFile
from core import whole_file
from core.log import Log

DROPPED: Final = "dropped"
"""A file beside the log: the last day that ended for want of room, for `doorman doctor`."""
_AGE_EVERY_S = 3600.0

_log = Log("flows")


class JournalError(Exception):
    """The flow log cannot be written; the message says what to mend."""


class Journal:
    """One writer at a time. Not for use by two threads at the same time.

    Leaving its `with` block without `end` is as a power cut: what is on the disk is there.
    """

    def __init__(
        self,
        folder: Path,
        keys: Keys,
        limits: Bounds,
        now: dt.datetime,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises JournalError if the folder cannot be written, or somebody else writes there."""
        self._folder, self._keys, self._limits = folder, keys, limits
        self._monotonic = monotonic
        # Not at the start: a box without a battery learns the time later.
        self._aged_at = monotonic()
        self._lock = _locked(folder)
        self._torn = _cut_torn(folder, keys)
        self._number, self._previous = files.head(folder)
        self._files = files.listed(folder)
        self._sizes = {each.number: each.size for each in self._files}
        self.days_of_room: float | None = None
        """For how many days the room lasts, by the last week; None while too little is known."""
        self.note(now, event="started")
        if self._torn:
            self.note(now, event="torn", octets=self._torn)
        self.tidy(now)

    def append(self, rows: bytes | bytearray, lost: int, now: dt.datetime) -> None:
        """Have the rows on the disk. OSError: none of them is, and it may be tried again."""
        packed = records.pack(rows)
        header = self._draft(Kind.FLOWS, packed.first_ms, packed.last_ms)._replace(
            rows=packed.rows, lost=lost
        )
        self._write(header, packed.octets, now)
        # The rows are there, whatever becomes of this.
        with contextlib.suppress(OSError):
            self.tidy(now)

    def note(self, now: dt.datetime, **content: Any) -> None:
        """Something about the log itself that whoever verifies it has to know."""
        at = int(now.timestamp() * 1000)
        packed = zlib.compress(json.dumps(content).encode())
        self._write(self._draft(Kind.NOTE, at, at), packed, now)

    def tidy(self, now: dt.datetime) -> None:
        """End what is too much at once, and what is too old a day an hour."""
        ending, reason = bounds.too_much(self._files, self._sizes, self._limits), "room"
        if not ending and self._monotonic() - self._aged_at >= _AGE_EVERY_S:
            self._aged_at = self._monotonic()
            ending, reason = bounds.aged(self._files, self._limits, now), "age"
            self._forget_dropped(now)
        if ending:
            self._drop(ending, reason, now)

    def _drop(self, ending: list[HourFile], reason: str, now: dt.datetime) -> None:
        last = _last(ending[-1])
        if last is not None:
            through, digest = last
            days = sorted({str(each.day) for each in ending})
            self.note(
                now, event="dropped", through=through, hash=digest.hex(), days=days, why=reason
            )
        for each in ending:
            each.path.unlink(missing_ok=True)
            _torn_beside(each.path).unlink(missing_ok=True)
            self._sizes.pop(each.number, None)
        if reason == "room":
            (self._folder / DROPPED).write_text(str(ending[-1].day))
        whole_file.to_disk(self._folder)
        self._files = self._files[len(ending) :]
        tell = _log.warning if reason == "room" else _log.info
        tell("oldest flows ended", why=reason, first=str(ending[0].day), last=str(ending[-1].day))

    def _forget_dropped(self, now: dt.datetime) -> None:
        """Once those days would be over in any case."""
        mark = self._folder / DROPPED
        limit = now.astimezone(dt.UTC).date() - dt.timedelta(days=self._limits.days)
        if mark.exists() and mark.read_text() < str(limit):
            mark.unlink()

    def end(self, now: dt.datetime) -> None:
        """Note that nothing comes until the next start."""
        with contextlib.suppress(OSError):
            self.note(now, event="stopped")

    @property
    def size(self) -> int:
        return sum(self._sizes.values())

    def _draft(self, kind: Kind, first_ms: int, last_ms: int) -> Header:
        return blocks.draft(
            self._number + 1, self._previous, kind=kind, first_ms=first_ms, last_ms=last_ms
        )

    def _write(self, header: Header, content: bytes, now: dt.datetime) -> None:
        block = self._keys.seal(header, content)
        target = self._current(now)
        size = self._sizes.get(target.number, 0)
        handle = os.open(target.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            _write_whole(handle, block, size)
            os.fdatasync(handle)
            if not size:
                whole_file.to_disk(self._folder)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, size)
            raise
        finally:
            os.close(handle)
        if target not in self._files:
            self._files.append(target)
            self.days_of_room = bounds.days_of_room(self._files, self._sizes, self._limits)
        self._sizes[target.number] = size + len(block)
        self._number, self._previous = header.number, blocks.digest(block)

    def _current(self, now: dt.datetime) -> HourFile:
        last = self._files[-1] if self._files else None
        new = HourFile.begun(self._folder, last.number + 1 if last else 1, now)
        return last if last and last.hour == new.hour else new

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)


def _locked(folder: Path) -> int:
    """Nobody else's as long as this handle is open."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        lock = os.open(folder / "lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise JournalError(f"{folder} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise JournalError(f"another doorman flows writes to {folder}: stop it first") from error
    return lock


def _write_whole(handle: int, block: bytes, at: int) -> None:
    if os.pwrite(handle, block, at) != len(block):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _cut_torn(folder: Path, keys: Keys) -> int:
    """Put aside what is not whole at the end of the newest file; how many octets that are."""
    found = files.listed(folder)
    if not found:
        return 0
    path = found[-1].path
    whole, end = list(files.headers(path)), 0
    if whole:
        last = whole[-1]
        # Its length may have come to the disk without all that it is the length of.
        block = files.read(path, last)
        try:
            keys.open(last.header, block[blocks.HEADER_BYTES :])
            end = last.end
        except blocks.KeyUnknownError:
            # A key that was lost is no reason to cut; zeros for half of the header are.
            end = last.at if not any(last.header.nonce) else last.end
        except BlockError:
            end = last.at
    torn = path.stat().st_size - end
    if torn:
        with path.open("r+b") as file:
            file.seek(end)
            whole_file.replace(_torn_beside(path), file.read(), mode=0o640)
            file.truncate(end)
            os.fsync(file.fileno())
        _log.warning("the last block was torn, and is put aside", file=path.name, octets=torn)
    if not end:
        path.unlink()
    return torn


def _last(hour_file: HourFile) -> tuple[int, bytes] | None:
    found = list(files.headers(hour_file.path))
    if not found:
        return None
    block = files.read(hour_file.path, found[-1])
    return found[-1].header.number, blocks.digest(block)


def _torn_beside(path: Path) -> Path:
    return path.with_suffix(".torn")
