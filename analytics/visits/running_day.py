"""Keeps the running day folded, so that bringing it up to date costs by what has come in.

The windows before the earliest news stay as they are; from there on all is folded again:
mostly the open window, after a remote sensor has come back a few hours. When an address
turns out to be a fixture, or none after all, it is from where it was first heard. Nothing
here is on disk but the day file, from which a new `RunningDay` makes the same.
"""

import datetime as dt
import itertools
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from analytics.visits import fixtures, sightings_table, windows
from analytics.visits.sightings_table import DayReader, News, Sightings
from analytics.visits.windows import BEFORE, Folded, StoreDay
from core import sightings
from core.setting_groups.traffic import TrafficSettings

_Ints = npt.NDArray[np.int64]
_T = TypeVar("_T")

_UNREAD = News(0, 0, None)
# Where folding can be taken up again, besides the newest windows: of short ones each would
# remember again what was heard within as long (`analytics.devices.names`).
_TAKEN_UP_EVERY_US = 900 * 1_000_000
_NEWEST = 3


class Day(Protocol):
    """One store-local day, as its file has it."""

    day: dt.date

    @property
    def rules(self) -> TrafficSettings | None:
        """By which it was read last, and would be read again with the least work."""

    def read(self, rules: TrafficSettings) -> StoreDay:
        """The day as it is now.

        Raises:
            FileNotFoundError: it has no file.
            sightings_table.UnreadableDayError: it has one, but nothing can be read now.
        """


class WholeDay:
    """A day that is read once: twice as fast as window by window, and nothing is kept."""

    def __init__(self, folder: Path, day: dt.date) -> None:
        self.day = day
        self.rules: TrafficSettings | None = None
        self._folder = folder
        self._heard: tuple[Sightings, dict[int, int]] | None = None

    def read(self, rules: TrafficSettings) -> StoreDay:
        """As of any `Day`, but for what came in after the first time."""
        if self._heard is None:
            with sightings_table.reading(self._folder, self.day) as reader:
                self._heard = reader.sightings(), reader.heard_s()
        self.rules = rules
        return windows.whole_day(*self._heard, rules)


class RunningDay:
    """A day and the windows of it that have been read."""

    def __init__(self, folder: Path, day: dt.date) -> None:
        self.day = day
        self.folded = 0
        """How many sightings the last `read` had to fold."""
        self._folder = folder
        self._read = _UNREAD
        self._forget(None)

    @property
    def rules(self) -> TrafficSettings | None:
        return self._of and self._of[1]

    def read(self, rules: TrafficSettings) -> StoreDay:
        with sightings_table.reading(self._folder, self.day) as reader:
            file = sightings.path_of(self._folder, self.day).stat().st_ino
            news = reader.news(self._read.row, self._read.amendment)
            # Another file, or other rules: nothing of what is kept holds.
            if self._of != (file, rules) or news.row < self._read.row:
                self._forget((file, rules))
                news = reader.news(0, 0)
            self.folded = 0
            if news.since_us is not None:
                try:
                    self._take(reader, news.since_us, rules)
                except BaseException:
                    self._forget(None)
                    raise
            self._read = news
            heard_s = reader.heard_s()
        return windows.put_together(
            list(self._folded.values()),
            sum(self._counts.values()),
            self._left_out,
            heard_s,
            rules,
        )

    def _forget(self, of: tuple[int, TrafficSettings] | None) -> None:
        self._of = of
        self._read = _UNREAD
        self._folded: dict[int, Folded] = {}
        # Those of them that folding cannot go on from.
        self._without_memory: set[int] = set()
        # Of each window: every address that was heard in it, and how many sightings.
        self._heard_in: dict[int, _Ints] = {}
        self._counts: dict[int, int] = {}
        self._left_out: _Ints = np.empty(0, np.int64)

    def _take(self, reader: DayReader, since_us: int, rules: TrafficSettings) -> None:
        window_us = rules.window_s * 1_000_000
        since = self._taken_up(since_us // window_us)
        heard = _by_window(reader.sightings(since * window_us), window_us)
        self._heard_in = _until(since, self._heard_in) | {
            window: np.unique(rows.address) for window, rows in heard.items()
        }
        self._counts = _until(since, self._counts) | {
            window: len(rows.heard_at_us) for window, rows in heard.items()
        }
        changed = self._find_fixtures(rules)
        with_changed = (w for w, those in self._heard_in.items() if np.isin(changed, those).any())
        first = min(with_changed, default=since) if len(changed) else since
        if first < since:
            since = self._taken_up(first)
            heard = _by_window(reader.sightings(since * window_us), window_us)
        self._folded = _until(since, self._folded)
        self._without_memory &= self._folded.keys()
        before = next(reversed(self._folded.values()), BEFORE)
        for window, rows in heard.items():
            self.folded += len(rows.heard_at_us)
            before = self._folded[window] = windows.fold(before, rows, self._left_out, rules)
        self._thin(window_us)

    def _taken_up(self, since: int) -> int:
        """This window, or the nearest one before it that folding can be taken up at."""
        for window in reversed(self._folded):
            if window < since:
                if window not in self._without_memory:
                    break
                since = window
        return since

    def _thin(self, window_us: int) -> None:
        remembers = None
        for window in list(self._folded)[:-_NEWEST]:
            if window in self._without_memory:
                continue
            if remembers is None or (window - remembers) * window_us >= _TAKEN_UP_EVERY_US:
                remembers = window
            else:
                self._folded[window] = self._folded[window].without_memory()
                self._without_memory.add(window)

    def _find_fixtures(self, rules: TrafficSettings) -> _Ints:
        """The addresses that were fixtures and are not, or the other way."""
        those_before = self._left_out
        self._left_out = fixtures.always_there(
            np.concatenate(list(self._heard_in.values())), len(self._heard_in), rules
        )
        return np.setxor1d(those_before, self._left_out)


def _until(since: int, of_window: dict[int, _T]) -> dict[int, _T]:
    return {window: each for window, each in of_window.items() if window < since}


def _by_window(heard: Sightings, window_us: int) -> dict[int, Sightings]:
    window = heard.heard_at_us // window_us
    starts = np.flatnonzero(np.diff(window, prepend=-1))
    bounds = itertools.pairwise([*starts.tolist(), len(window)])
    return {int(window[begin]): heard.rows(slice(begin, end)) for begin, end in bounds}
