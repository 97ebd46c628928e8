"""What the box takes of its sensors, and what it refuses. No sockets here.

Several lines ask at once; what is taken waits here for the sensor's loop.
"""

import collections
import dataclasses
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from core.sightings import Sighting
from sniffer.remote.loan import version_of
from sniffer.remote.shape import (
    Answer,
    AskKeys,
    Greet,
    HandedKey,
    Keys,
    Reason,
    Refused,
    RefusedError,
    Request,
    Row,
    Take,
    Taken,
)
from sniffer.source import Batch

# What may be left of a clock's difference once it has been put right, and more.
_AHEAD_US = 2_000_000

# Keys are handed out a little before they are needed, and while frames of before their end
# may still be on their way through a sensor.
_LEAD_US = 120_000_000
_LAG_US = 8_000_000

# Batches, while the loop is kept from taking them; and starts of one sensor.
_MOST_WAITING = 64
_MOST_RUNS = 64
# Tallies of one sensor: reasons, and a few of each of its interfaces.
_MOST_NAMES = 300


class StoreKeys(Protocol):
    """The store's keys. Called by one thread at a time."""

    @property
    def bits(self) -> int: ...

    def of(self, at_us: int) -> HandedKey:
        """The key of this moment. KeyError: it is gone."""

    def settle(self, now_us: int) -> None:
        """Forget the keys of what is over."""


class LastWord(NamedTuple):
    """When a sensor last said something that was not refused."""

    at_us: int
    clock_difference_us: int
    """How far its own clock was ahead of the box's, the way there included."""


class Reception:
    """Answers requests; holds what was taken until `take_out`."""

    def __init__(
        self,
        keys: StoreKeys,
        leave_out: Callable[[], str],
        clock_limit_s: int,
        *,
        on_arrival: Callable[[], None] = lambda: None,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        """Nothing has been said yet.

        Args:
            keys: the store's.
            leave_out: the list of whom to leave out, as a text; empty if there is none.
            clock_limit_s: by how much a sensor's clock may differ from ours.
            on_arrival: told when something was taken.
            now_us: the clock.
        """
        self._keys = keys
        self._leave_out = leave_out
        self._clock_limit_us = clock_limit_s * 1_000_000
        self._on_arrival = on_arrival
        self._now_us = now_us
        self._lock = threading.Lock()
        self._handed: dict[str, HandedKey] = {}
        self._taken: dict[str, dict[str, int]] = collections.defaultdict(dict)
        self._waiting: list[Batch] = []
        self._counts: collections.Counter[str] = collections.Counter()
        self._names: dict[str, set[str]] = collections.defaultdict(set)
        self._last_words: dict[str, LastWord] = {}

    def answer(self, name: str, request: Request) -> Answer:
        """Do what the sensor of this name asks, or refuse."""
        received_us = self._now_us()
        keys: Sequence[HandedKey] = ()
        with self._lock:
            try:
                self._check(name, request, received_us)
                if isinstance(request, AskKeys):
                    keys = self._hand_out(received_us)
                elif isinstance(request, Take):
                    self._take(name, request, received_us)
            except RefusedError as error:
                self._counts[f"source.{name}.refused.{error.reason}"] += 1
                return Refused(received_us, self._now_us(), error.reason)
            if not isinstance(request, Greet):
                # Which is doctor's, not the sensor's.
                self._last_words[name] = LastWord(received_us, request.sent_us - received_us)
        if isinstance(request, AskKeys):
            return self._keys_answer(request, received_us, keys)
        self._on_arrival()
        return Taken(received_us, self._now_us())

    def refuse(self, reason: Reason, name: str | None = None) -> Refused:
        """Refuse what did not get as far as to be a request.

        Args:
            reason: is counted.
            name: of the sensor, if it is one that may send.
        """
        now_us = self._now_us()
        with self._lock:
            self._counts[f"source.{name}.refused.{reason}" if name else f"refused.{reason}"] += 1
        return Refused(now_us, now_us, reason)

    def take_out(self, most: int = _MOST_WAITING) -> list[Batch]:
        """What came first, up to `most` batches."""
        with self._lock:
            taken, self._waiting = self._waiting[:most], self._waiting[most:]
        return taken

    def take_counts(self) -> Mapping[str, int]:
        """What was counted since the last call, by the names of the day file's tallies."""
        with self._lock:
            counts, self._counts = self._counts, collections.Counter()
        return counts

    def last_words(self) -> Mapping[str, LastWord]:
        with self._lock:
            return dict(self._last_words)

    def _keys_answer(self, asked: AskKeys, received_us: int, keys: Sequence[HandedKey]) -> Keys:
        leave_out = self._leave_out()
        return Keys(
            received_us=received_us,
            answered_us=self._now_us(),
            bits=self._keys.bits,
            keys=keys,
            leave_out=None if asked.leave_out == version_of(leave_out) else leave_out,
        )

    def _check(self, name: str, request: Request, now_us: int) -> None:
        if request.sensor != name:
            raise RefusedError(Reason.WRONG_NAME)
        if abs(request.sent_us - now_us) > self._clock_limit_us:
            raise RefusedError(Reason.CLOCK)

    def _hand_out(self, now_us: int) -> list[HandedKey]:
        """The key of now, and before or after if that is near."""
        self._keys.settle(now_us)
        found: dict[str, HandedKey] = {}
        for at_us in (now_us - _LAG_US, now_us, now_us + _LEAD_US):
            try:
                key = self._keys.of(at_us)
            except KeyError:
                continue
            found[key.id] = key
            # Of the key itself this needs nothing, and may outlive it by a while.
            self._handed[key.id] = dataclasses.replace(key, key=b"")
        self._handed = {key.id: key for key in self._handed.values() if not key.is_over(now_us)}
        return list(found.values())

    def _take(self, name: str, batch: Take, now_us: int) -> None:
        runs = self._taken[name]
        if batch.number <= runs.get(batch.run, 0):
            # Its answer was lost on the way.
            self._counts[f"source.{name}.repeated"] += 1
            return
        key = self._handed.get(batch.key)
        if key is None:
            raise RefusedError(Reason.KEY_GONE)
        if key.is_over(now_us):
            raise RefusedError(Reason.TOO_LATE)
        for row in batch.rows:
            self._check_row(row, key, now_us)
        if len(self._waiting) >= _MOST_WAITING:
            raise RefusedError(Reason.BUSY)
        # The newest start last: the oldest is the one to forget.
        runs.pop(batch.run, None)
        runs[batch.run] = batch.number
        if len(runs) > _MOST_RUNS:
            del runs[next(iter(runs))]
        heard = [(_sighting(row, name), row.sequence) for row in batch.rows]
        self._waiting.append(Batch(heard))
        # Apart from the sightings: there may be none, and the counts are of today.
        for what, value in batch.counts.items():
            self._counts[f"source.{name}.{self._known(name, what)}"] += value

    def _known(self, name: str, what: str) -> str:
        """What a sensor counts, but for names beyond those that there can be."""
        names = self._names[name]
        if len(names) < _MOST_NAMES:
            names.add(what)
        return what if what in names else "other"

    def _check_row(self, row: Row, key: HandedKey, now_us: int) -> None:
        if not key.from_us <= row.heard_at_us < min(key.until_us, now_us + _AHEAD_US):
            raise RefusedError(Reason.WRONG_PERIOD)
        if (row.address | row.fingerprint) >> self._keys.bits:
            raise RefusedError(Reason.BAD_VALUE)


def _sighting(row: Row, name: str) -> Sighting:
    return Sighting(
        heard_at_us=row.heard_at_us,
        address=row.address,
        fingerprint=row.fingerprint,
        randomised=row.randomised,
        signal_dbm=row.signal_dbm,
        frequency_mhz=row.frequency_mhz,
        sensor=name,
    )
