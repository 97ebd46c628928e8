"""Turns a probe request into a sighting. The sender's address lives no longer than this."""

import datetime as dt
import zoneinfo

from core import clock
from core.pseudonym import DayKeys
from core.sightings import WINDOW_S, Sighting
from sniffer.frames import ProbeRequest

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_WINDOW = dt.timedelta(seconds=WINDOW_S)

# How long after a period's end its key is kept, for frames that come late. A day's file
# is closed no sooner; a window is counted ten seconds after its end (`WindowRecorder`).
_DAY_GRACE = dt.timedelta(minutes=30)
_WINDOW_GRACE = dt.timedelta(seconds=10)


class BadTimeError(ValueError):
    """The time is of no period whose key there is: long gone, or beyond the calendar."""


class Pseudonymiser:
    """Holds the key of the running day, in memory alone; in strict mode the window's."""

    def __init__(
        self, keys: DayKeys, zone: zoneinfo.ZoneInfo, sensor: str, *, is_strict: bool = False
    ) -> None:
        self._keys = keys
        self._zone = zone
        self._sensor = sensor
        self._is_strict = is_strict
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
            address = self._keys.pseudonym(self._period, b"address", request.address)
            fingerprint = self._keys.pseudonym(self._period, b"fingerprint", request.fingerprint)
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

    def _turn_to_day_of(self, at_us: int) -> None:
        try:
            day = clock.store_day(_moment(at_us), self._zone)
            start, end = clock.day_bounds(day, self._zone)
        except OverflowError as error:
            raise BadTimeError("heard at an impossible time") from error
        self._day = day
        self._day_us = range(_us(start), _us(end))

    def _turn_to_period_of(self, at_us: int) -> None:
        day = self.day_of(at_us)
        start, end = clock.day_bounds(day, self._zone)
        period, grace = day, _DAY_GRACE
        if self._is_strict:
            start += (_moment(at_us) - start) // _WINDOW * _WINDOW
            end = min(start + _WINDOW, end)
            period, grace = start, _WINDOW_GRACE
        self._period = period
        settled_us = _us(start + grace)
        if at_us < settled_us:
            self._period_us = range(_us(start), settled_us)
        else:
            self._period_us = range(settled_us, _us(end))
            self._keys.forget_before(period)


def _moment(at_us: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=at_us)


def _us(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)
