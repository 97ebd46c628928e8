"""Turns a probe request into a sighting. The sender's address lives no longer than this."""

import datetime as dt
import zoneinfo

from core import clock
from core.pseudonym import DayKeys
from core.sightings import Sighting
from sniffer.frames import ProbeRequest

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class BadTimeError(ValueError):
    """The time is of no day whose key there is: long gone, or beyond the calendar."""


class Pseudonymiser:
    """Holds the keys of the running day, in memory alone."""

    def __init__(self, keys: DayKeys, zone: zoneinfo.ZoneInfo, sensor: str) -> None:
        self._keys = keys
        self._zone = zone
        self._sensor = sensor
        self._day = dt.date.min
        self._day_us = range(0)

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
        day = self.day_of(at_us)
        try:
            address = self._keys.pseudonym(day, b"address", request.sender.octets)
            fingerprint = self._keys.pseudonym(day, b"fingerprint", request.fingerprint)
        except KeyError as error:
            raise BadTimeError("heard on a day whose key is gone") from error
        return Sighting(
            heard_at_us=at_us,
            address=address,
            fingerprint=fingerprint,
            randomised=request.sender.is_randomised,
            signal_dbm=request.signal_dbm,
            channel=request.channel,
            sensor=self._sensor,
        )

    def _turn_to_day_of(self, at_us: int) -> None:
        try:
            moment = _EPOCH + dt.timedelta(microseconds=at_us)
            day = clock.store_day(moment, self._zone)
            start, end = clock.day_bounds(day, self._zone)
        except OverflowError as error:
            raise BadTimeError("heard at an impossible time") from error
        self._day = day
        self._day_us = range(_us(start), _us(end))


def _us(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)
