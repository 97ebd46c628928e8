"""Where a sensor's sightings go, under whose keys, and whom it leaves out.

A store's box has its own (`sniffer.box`): day files, keys that it draws, the store's
do-not-count list. Another sensor of the store borrows all three (`sniffer.remote.lent`).
"""

import datetime as dt
from typing import NamedTuple, Protocol

from core.sightings import Sighting
from sniffer.frames import ProbeRequest


class Pseudonyms(Protocol):
    def day_of(self, at_us: int) -> dt.date:
        """To which `Keeper.turn_to` is turned, or BadTimeError."""

    def sighting(self, request: ProbeRequest, at_us: int) -> Sighting:
        """What may be kept of a probe request, or BadTimeError."""

    def pass_to(self, now_us: int) -> None:
        """Forget the keys that are over by now, though nobody is heard."""


class Keeper(Protocol):
    @property
    def is_full(self) -> bool: ...
    def turn_to(self, day: dt.date) -> None: ...
    def add(self, sighting: Sighting, sequence: int) -> None: ...
    def amend(self, sighting: Sighting) -> None:
        """The one of this phone and time was heard better, as it stands here."""

    def tally(self, name: str, value: int = 1) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


class Exempt(Protocol):
    def covers(self, address: bytes) -> bool: ...
    def refresh(self) -> None: ...


class Outlet(NamedTuple):
    pseudonyms: Pseudonyms
    keeper: Keeper
    left_out: Exempt
