"""Looks regularly for hardware addresses that two devices use, and challenges their grants."""

import collections
import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from core.database import Database
from core.mac import Mac
from core.sealing import Sealer
from portal.clones import challenges, lease_spool
from portal.clones.challenges import Gate, Outcome
from portal.clones.clone_watch import AddressTrails, Answer, Looks
from portal.neighbours import Confirmation


class Table(Protocol):
    """The kernel's neighbours. May raise `portal.neighbours.NeighboursError`."""

    def confirmations(self) -> list[Confirmation]: ...


@dataclasses.dataclass(slots=True)
class Patrol:
    """One for as long as the program runs: it remembers, in memory alone, what it has seen."""

    database: Database
    sealer: Sealer
    gate: Gate
    table: Table
    data_dir: Path
    most: int
    """Challenges of one grant, before it is ended."""
    _trails: AddressTrails = dataclasses.field(default_factory=AddressTrails, init=False)
    _looks: Looks = dataclasses.field(default_factory=Looks, init=False)
    _suspects: set[Mac] = dataclasses.field(default_factory=set, init=False)

    def turn(self, now: dt.datetime) -> collections.Counter[Outcome]:
        """What became of the suspects. GateError: some are left for the next turn."""
        self._suspects |= self._looks.compare(lease_spool.take(self.data_dir))
        self._suspects |= self._trails.follow(self._answers(now), now)
        tally: collections.Counter[Outcome] = collections.Counter()
        for mac in list(self._suspects):
            outcome = challenges.challenge(
                self.database, self.sealer, self.gate, mac, most=self.most, now=now
            )
            tally[outcome] += 1
            # Whoever goes on after a challenge starts with a clean sheet: which of the two
            # it will be, nobody can tell.
            self._suspects.discard(mac)
            self._trails.forget(mac)
            self._looks.forget(mac)
        return tally

    def _answers(self, now: dt.datetime) -> Iterator[Answer]:
        for each in self.table.confirmations():
            yield Answer(each.mac, each.address, now - dt.timedelta(seconds=each.age_s))
