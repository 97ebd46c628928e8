"""Sightings on their way to the box: in memory alone, in numbered batches, and bounded.

    add > the open batch > flush > waiting > offered > settled

What has to be given up is counted as `lost.<why>`. What was counted goes along with the
next batch, so that the box can tell.
"""

import collections
import dataclasses
import datetime as dt
import secrets
import threading
import time
from collections.abc import Callable

from core.sightings import HEARING, Sighting
from sniffer.remote.loan import Loan
from sniffer.remote.shape import MOST_COUNTS, HandedKey, Row

# One batch a second is sent; after an outage, larger ones.
_BATCH = 500

# Some ten megabytes: two hours at three a second, a quarter of an hour on a busy street.
_MOST_ROWS = 20_000


@dataclasses.dataclass(slots=True, eq=False)
class Waiting:
    """A batch. Once it was offered it stays as it is, for it may have to be sent again."""

    number: int
    key: HandedKey
    rows: list[Row] = dataclasses.field(default_factory=list, repr=False)
    counts: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    is_offered: bool = False


class Spool:
    """What a sensor that sends has in place of a `Recorder`. Two threads use it."""

    def __init__(
        self,
        loan: Loan,
        *,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        most_rows: int = _MOST_ROWS,
    ) -> None:
        self.run = secrets.token_hex(8)
        """Tells this start of the sensor from all others."""
        self._loan = loan
        self._now_us = now_us
        self._most_rows = most_rows
        self._changed = threading.Condition()
        self._waiting: collections.deque[Waiting] = collections.deque()
        self._count = 0
        self._numbers = 0
        self._tallies: collections.Counter[str] = collections.Counter()
        self._open: list[tuple[HandedKey, Row]] = []

    @property
    def is_full(self) -> bool:
        return len(self._open) >= _BATCH

    def turn_to(self, day: dt.date) -> None:
        """Batches go by key; days are the box's affair."""

    def add(self, sighting: Sighting, sequence: int) -> None:
        held = self._loan.key_at(sighting.heard_at_us)
        if held is None:
            # It was handed back between the pseudonym and now.
            self.tally("lost.key_gone")
            return
        self._open.append((held[0], _row(sighting, sequence)))

    def amend(self, sighting: Sighting) -> None:
        """The one of this phone and time was heard better: if it is not on its way yet."""
        for at in range(len(self._open) - 1, -1, -1):
            key, row = self._open[at]
            if row[:2] == sighting[:2]:
                self._open[at] = key, _row(sighting, row.sequence)
                return

    def tally(self, name: str, value: int = 1) -> None:
        if name.startswith(HEARING):
            # The box counts for itself how long it hears, its line to us included.
            return
        with self._changed:
            self._tallies[name] += value

    def flush(self) -> None:
        """Let what was added be sent. What the box would find too late is given up."""
        added, self._open = self._open, []
        box_us = self._loan.box_us(self._now_us())
        self._loan.forget(box_us)
        with self._changed:
            for key, row in added:
                self._batch_for(key).rows.append(row)
            self._count += len(added)
            while self._count > self._most_rows and len(self._waiting) > 1:
                # The oldest, but not the one that may be on its way.
                given_up = self._waiting[1 if self._waiting[0].is_offered else 0]
                self._waiting.remove(given_up)
                self._give_up(given_up, "no_room")
            for late in [each for each in self._waiting if each.key.is_over(box_us)]:
                self._waiting.remove(late)
                self._give_up(late, "too_late")
            self._changed.notify_all()

    def close(self) -> None:
        self.flush()

    def wake(self) -> None:
        """Whoever waits for a batch looks up."""
        with self._changed:
            self._changed.notify_all()

    def offer(self, wait_s: float) -> Waiting | None:
        """The oldest batch, the same until it is settled. None if none comes in that time."""
        with self._changed:
            if not self._waiting:
                self._changed.wait(wait_s)
            return self._offered(self._waiting[0]) if self._waiting else None

    def offer_counts(self) -> Waiting | None:
        """A batch of counts alone, where there is nothing else to send them with."""
        held = self._loan.key_at(self._loan.box_us(self._now_us()))
        with self._changed:
            if self._waiting or held is None or not self._tallies:
                return None
            return self._offered(self._batch_for(held[0]))

    def settle(self, batch: Waiting, lost: str | None = None) -> None:
        """The box has answered: it has the batch, or refuses it for good, which is `lost`."""
        with self._changed:
            if batch not in self._waiting:
                # It got too late on its way.
                return
            self._waiting.remove(batch)
            if lost is None:
                self._count -= len(batch.rows)
            else:
                self._give_up(batch, lost)

    def _batch_for(self, key: HandedKey) -> Waiting:
        newest = self._waiting[-1] if self._waiting else None
        if (
            newest is None
            or newest.is_offered
            or newest.key.id != key.id
            or len(newest.rows) >= _BATCH
        ):
            self._numbers += 1
            newest = Waiting(self._numbers, key)
            self._waiting.append(newest)
        return newest

    def _offered(self, batch: Waiting) -> Waiting:
        if not batch.is_offered:
            batch.is_offered = True
            batch.counts = collections.Counter(dict(self._tallies.most_common(MOST_COUNTS)))
            self._tallies -= batch.counts
        return batch

    def _give_up(self, batch: Waiting, why: str) -> None:
        self._count -= len(batch.rows)
        self._tallies += batch.counts
        if batch.rows:
            self._tallies[f"lost.{why}"] += len(batch.rows)


def _row(sighting: Sighting, sequence: int) -> Row:
    return Row(
        heard_at_us=sighting.heard_at_us,
        address=sighting.address,
        fingerprint=sighting.fingerprint,
        randomised=sighting.randomised,
        signal_dbm=sighting.signal_dbm,
        frequency_mhz=sighting.frequency_mhz,
        sequence=sequence,
    )
