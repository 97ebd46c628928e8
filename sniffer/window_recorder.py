"""The recorder of strict mode: counts the devices of each window and drops the sightings.

    10:00                  10:04   10:04:10
      | sightings, in memory |        | counted: one line of the day file
      | the window's key     |        | dropped

Nothing about a single phone is written anywhere. A window counts only if it was heard
from its beginning to its end, so those in which the program starts or ends are left out.
"""

import collections
import datetime as dt
import sqlite3
import time
import zoneinfo
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from core import clock
from core.log import Log
from core.sightings import WINDOW_S, Sighting, WindowCount
from sniffer.recorder import CurrentFile

CountWindow: TypeAlias = Callable[[int, Sequence[Sighting]], WindowCount]
"""Given when a window starts and all that was heard in it."""

_log = Log("sniffer")

_WINDOW_US = WINDOW_S * 1_000_000

# Frames of several radios may come in another order than they were sent.
_GRACE_US = 10_000_000
# When no frame comes any more that would show how late it is.
_OLDEST_S = WINDOW_S + 30.0

# Of one window: 300 a second. What is beyond is lost, and counted.
_MOST = 72_000


class _Counts:
    def __init__(self) -> None:
        self.windows: list[WindowCount] = []
        self.tallies: collections.Counter[str] = collections.Counter()


class WindowRecorder:
    """Takes what `Recorder` takes; keeps counts."""

    def __init__(
        self,
        folder: Path,
        zone: zoneinfo.ZoneInfo,
        count: CountWindow,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = CurrentFile(folder, zone)
        self._zone = zone
        self._count = count
        self._monotonic = monotonic
        self._day: dt.date | None = None
        self._day_start_us = 0
        self._open: dict[tuple[dt.date, int], list[Sighting]] = {}
        self._opened_s = 0.0
        self._newest_us = 0
        # Windows that start earlier are counted already, or were not heard whole.
        self._since_us: int | None = None
        self._waiting: dict[dt.date, _Counts] = {}
        self._is_failing = False

    @property
    def is_full(self) -> bool:
        """Whether to flush now: a window is over."""
        return bool(self._open) and (self._is_due(next(iter(self._open))[1]) or self._is_old)

    def turn_to(self, day: dt.date) -> None:
        if day != self._day:
            self._day = day
            start, _ = clock.day_bounds(day, self._zone)
            self._day_start_us = int(start.timestamp()) * 1_000_000

    def add(self, sighting: Sighting, _sequence: int = 0) -> None:
        if self._day is None:
            return
        after_us = (sighting.heard_at_us - self._day_start_us) // _WINDOW_US * _WINDOW_US
        start_us = self._day_start_us + after_us
        if self._since_us is None:
            # The first window began before we did.
            self._since_us = start_us + _WINDOW_US
        self._newest_us = max(self._newest_us, sighting.heard_at_us)
        if start_us < self._since_us:
            self.tally("late")
            return
        if not self._open:
            self._opened_s = self._monotonic()
        heard = self._open.setdefault((self._day, start_us), [])
        if len(heard) < _MOST:
            heard.append(sighting)
        else:
            self.tally("unsaved")

    def amend(self, sighting: Sighting) -> None:
        """The one of this phone and time was heard better, as it stands here."""
        # In the two windows that are open at most; from the end, for it was not long ago.
        for heard in self._open.values():
            for at in range(len(heard) - 1, -1, -1):
                if heard[at][:2] == sighting[:2]:
                    heard[at] = sighting
                    return

    def tally(self, name: str, value: int = 1) -> None:
        if self._day is not None:
            self._counts_of(self._day).tallies[name] += value

    def flush(self) -> None:
        """Count the windows that are over; write the counts. They wait if the disk refuses."""
        is_old = bool(self._open) and self._is_old
        for day, start_us in list(self._open):
            if is_old or self._is_due(start_us):
                heard = self._open.pop((day, start_us))
                self._counts_of(day).windows.append(self._count(start_us, heard))
                self._since_us = max(self._since_us or 0, start_us + _WINDOW_US)
                self._opened_s = self._monotonic()
        self._write()

    def close(self) -> None:
        """Write what is counted. What was heard of the running window is dropped."""
        self.flush()
        self._file.close()
        self._open.clear()
        self._since_us = None

    @property
    def _is_old(self) -> bool:
        """Whether too long ago for what is open to be kept, though nobody is heard any more."""
        return self._monotonic() - self._opened_s >= _OLDEST_S

    def _is_due(self, start_us: int) -> bool:
        return self._newest_us >= start_us + _WINDOW_US + _GRACE_US

    def _write(self) -> None:
        try:
            for day, counts in list(self._waiting.items()):
                self._file.of(day).append((), counts.tallies, counts.windows)
                del self._waiting[day]
        except (sqlite3.Error, OSError):
            if not self._is_failing:
                _log.exception("counts cannot be written", days=len(self._waiting))
            self._is_failing = True
        else:
            self._is_failing = False

    def _counts_of(self, day: dt.date) -> _Counts:
        return self._waiting.setdefault(day, _Counts())
