"""Turns a probe request into a sighting. The sender's address lives no longer than this."""

import datetime as dt
import zoneinfo

from core.pseudonym import DayKeys
from core.sightings import Sighting
from sniffer.frames import ProbeRequest
from sniffer.periods import BadTimeError, Periods

# Kinds of `core.pseudonym`: an address and a fingerprint never share a pseudonym.
ADDRESS, FINGERPRINT = b"address", b"fingerprint"


class Pseudonymiser:
    """Holds the key of the running day, in memory alone; in strict mode the window's."""

    def __init__(
        self, keys: DayKeys, zone: zoneinfo.ZoneInfo, sensor: str, *, is_strict: bool = False
    ) -> None:
        self._keys = keys
        self._days = Periods(zone)
        self._periods = Periods(zone, is_strict=is_strict)
        self._sensor = sensor
        self._day = dt.date.min
        self._day_us = range(0)
        self._period = dt.date.min
        # In which the period is this one, and no older key is forgotten.
        self._period_us = range(0)

    def day_of(self, at_us: int) -> dt.date:
        """The store-local day of a moment, or BadTimeError."""
        if at_us not in self._day_us:
            self._turn_to_day_of(at_us)
        return self._day

    def sighting(self, request: ProbeRequest, at_us: int) -> Sighting:
        """What may be kept of a probe request.

        Raises:
            BadTimeError: it cannot be given a pseudonym any more.
        """
        if at_us not in self._period_us:
            self._turn_to_period_of(at_us)
        try:
            address = self._keys.pseudonym(self._period, ADDRESS, request.address)
            fingerprint = self._keys.pseudonym(self._period, FINGERPRINT, request.fingerprint)
        except KeyError as error:
            raise BadTimeError("heard in a period whose key is gone") from error
        return Sighting(
            heard_at_us=at_us,
            address=address,
            fingerprint=fingerprint,
            randomised=request.is_randomised,
            signal_dbm=request.signal_dbm,
            frequency_mhz=request.frequency_mhz,
            sensor=self._sensor,
        )

    def pass_to(self, now_us: int) -> None:
        """Forget the keys that are over by now, though nobody is heard."""
        if now_us not in self._period_us:
            self._turn_to_period_of(now_us)

    def _turn_to_day_of(self, at_us: int) -> None:
        day = self._days.of(at_us)
        self._day = day.name
        self._day_us = range(day.start_us, day.end_us)

    def _turn_to_period_of(self, at_us: int) -> None:
        period = self._periods.of(at_us)
        self._period = period.name
        settled_us = period.start_us + period.grace_us
        if at_us < settled_us:
            self._period_us = range(period.start_us, settled_us)
        else:
            self._period_us = range(settled_us, period.end_us)
            self._keys.forget_before(period.name)
