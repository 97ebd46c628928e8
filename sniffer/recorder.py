"""Writes sightings and tallies to the day files, a batch at a time."""

import collections
import datetime as dt
import sqlite3
import zoneinfo
from pathlib import Path

from core import clock, sightings
from core.log import Log
from core.sightings import DayFile, Sighting

_log = Log("sniffer")

# Enough for one write a second in the busiest street.
_BATCH = 500

# While the disk refuses to take them; beyond it sightings are lost, and counted.
_MOST_WAITING = 50_000


class CurrentFile:
    """The day file that is written to: one at a time, for frames come in order of time."""

    def __init__(self, folder: Path, zone: zoneinfo.ZoneInfo) -> None:
        self._folder = folder
        self._zone = zone
        self._file: DayFile | None = None

    def of(self, day: dt.date) -> DayFile:
        if self._file is None or self._file.day != day:
            self.close()
            # Also where the jobs, whose duty it is, do not run.
            for gone in sightings.remove_overdue(self._folder, self._zone, clock.now()):
                _log.error("day forgotten without figures", day=gone.isoformat())
            self._file = DayFile(self._folder, day)
        return self._file

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class _Batch:
    def __init__(self) -> None:
        self.sightings: list[Sighting] = []
        self.amended: list[Sighting] = []
        self.tallies: collections.Counter[str] = collections.Counter()


class Recorder:
    """Collects what belongs to each day until `flush`, at the latest until `close`."""

    def __init__(self, folder: Path, zone: zoneinfo.ZoneInfo) -> None:
        self._file = CurrentFile(folder, zone)
        self._waiting: dict[dt.date, _Batch] = {}
        self._count = 0
        self._day: dt.date | None = None
        self._is_failing = False

    @property
    def is_full(self) -> bool:
        """Whether to flush now. A disk that refuses is not asked again for each frame."""
        return self._count >= _BATCH and not self._is_failing

    def turn_to(self, day: dt.date) -> None:
        """What comes next belongs to this day. Frames around the end of a day may go to and fro."""
        self._day = day

    def add(self, sighting: Sighting, _sequence: int = 0) -> None:
        if self._count >= _MOST_WAITING:
            self.tally("unsaved")
        elif self._day is not None:
            self._batch_of(self._day).sightings.append(sighting)
            self._count += 1

    def amend(self, sighting: Sighting) -> None:
        """The one of this phone and time was heard better, as it stands here."""
        if self._day is not None and self._count < _MOST_WAITING:
            self._batch_of(self._day).amended.append(sighting)
            self._count += 1

    def tally(self, name: str, value: int = 1) -> None:
        """Count something of the day; before the first day there is nothing to count for."""
        if self._day is not None:
            self._batch_of(self._day).tallies[name] += value

    def flush(self) -> None:
        """Write all that waits. What the disk does not take goes on waiting."""
        try:
            for day, batch in list(self._waiting.items()):
                self._file.of(day).append(batch.sightings, batch.tallies, amended=batch.amended)
                del self._waiting[day]
                self._count -= len(batch.sightings) + len(batch.amended)
        except (sqlite3.Error, OSError):
            if not self._is_failing:
                _log.exception("sightings cannot be written", waiting=self._count)
            self._is_failing = True
        else:
            self._is_failing = False

    def close(self) -> None:
        self.flush()
        self._file.close()

    def _batch_of(self, day: dt.date) -> _Batch:
        return self._waiting.setdefault(day, _Batch())
