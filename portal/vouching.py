"""Whether a probe of Apple's may be answered in Apple's name: only while the phone that asks
has an open temporary pass of that kind.
"""

import datetime as dt
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from core.log import Log
from portal.access.passes import PassDesk
from portal.neighbours import Neighbours, NeighboursError

_log = Log("portal")


class Vouching:
    """Asked by `portal.probes`, of the address that a probe came from."""

    def __init__(
        self, desk: PassDesk, neighbours: Neighbours, clock: Callable[[], dt.datetime]
    ) -> None:
        self._desk = desk
        self._neighbours = neighbours
        self._clock = clock

    def __call__(self, address: str) -> bool:
        """No, too, if it cannot be told: the phone then shows the portal, as without a pass."""
        if not self._desk.settings.per_day:
            return False
        try:
            mac = self._neighbours.mac_of(address)
            return mac is not None and self._desk.vouches_for(mac, self._clock())
        except (NeighboursError, SQLAlchemyError):
            _log.exception("could not tell whether a probe comes with a pass")
            return False
