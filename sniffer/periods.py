"""For how long one key makes the pseudonyms: a store-local day, in strict mode a window."""

import datetime as dt
import zoneinfo
from typing import NamedTuple

from core import clock
from core.sightings import WINDOW_S

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_WINDOW = dt.timedelta(seconds=WINDOW_S)

# How long after a period's end its key is kept, for frames that come late. A day's file
# is closed no sooner; a window is counted ten seconds after its end (`WindowRecorder`).
_DAY_GRACE = dt.timedelta(minutes=30)
_WINDOW_GRACE = dt.timedelta(seconds=10)


class BadTimeError(ValueError):
    """The time is of no period whose key there is: long gone, or beyond the calendar."""

    reason = "bad_time"
    """By which the sensor counts it."""


class Period(NamedTuple):
    name: dt.date
    """Of `core.pseudonym.DayKeys`: the day, or the moment at which the window starts."""
    start_us: int
    end_us: int
    grace_us: int
    """How long after its end something of it may still come in."""


class Periods:
    def __init__(self, zone: zoneinfo.ZoneInfo, *, is_strict: bool = False) -> None:
        self._zone = zone
        self._is_strict = is_strict

    def of(self, at_us: int) -> Period:
        """The period of a moment, or BadTimeError."""
        try:
            moment = _EPOCH + dt.timedelta(microseconds=at_us)
            day = clock.store_day(moment, self._zone)
            start, end = clock.day_bounds(day, self._zone)
        except OverflowError as error:
            raise BadTimeError("heard at an impossible time") from error
        if not self._is_strict:
            return Period(day, _us(start), _us(end), _us(_EPOCH + _DAY_GRACE))
        start += (moment - start) // _WINDOW * _WINDOW
        end = min(start + _WINDOW, end)
        return Period(start, _us(start), _us(end), _us(_EPOCH + _WINDOW_GRACE))


def _us(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)
