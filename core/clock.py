"""The one place that asks what time it is. Everything else takes `now` as an argument."""

import datetime as dt
import functools
import zoneinfo
from typing import Self

_MIDNIGHT = dt.time()


class StoreZone(zoneinfo.ZoneInfo):
    """A store's time zone, which knows when the store's day begins as well.

    It is handed round as any zone; whoever asks here for the day of a moment, or for the
    bounds of a day, gets the store's, and cannot forget that a bar closes at four.
    """

    begins: dt.time = _MIDNIGHT

    @classmethod
    @functools.cache
    def of(cls, name: str, begins: dt.time = _MIDNIGHT) -> Self:
        """One object for each pair, as `ZoneInfo` has one for each name."""
        zone = cls.no_cache(name)
        zone.begins = begins
        return zone


def now() -> dt.datetime:
    """The present moment, in UTC and with its zone."""
    return dt.datetime.now(dt.UTC)


def store_day(moment: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.date:
    """The store-local day that `moment` (with a zone) belongs to.

    It has the name of the calendar day on which it begins: at midnight, or when the zone
    says (`StoreZone`).
    """
    day = moment.astimezone(zone).date()
    start, end = day_bounds(day, zone)
    # The bounds decide: a wall clock that is set back over them has not left the day.
    return day + dt.timedelta(days=int(moment >= end) - int(moment < start))


def day_bounds(day: dt.date, zone: zoneinfo.ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """First moment of a store-local day and of the next one, both in UTC.

    They lie 23 or 25 hours apart on the days when clocks change.
    """
    start = dt.datetime.combine(day, _begins(zone), zone)
    end = dt.datetime.combine(day + dt.timedelta(days=1), _begins(zone), zone)
    return start.astimezone(dt.UTC), end.astimezone(dt.UTC)


def hour_starts(day: dt.date, zone: zoneinfo.ZoneInfo) -> list[dt.datetime]:
    """When each hour of a store-local day begins, in UTC: 23 to 25 of them."""
    start, end = day_bounds(day, zone)
    # Hours of every zone begin on a quarter of a UTC hour (Nepal is 5 h 45 min ahead).
    quarter = dt.timedelta(minutes=15)
    quarters = (start + number * quarter for number in range((end - start) // quarter))
    return [at for at in quarters if at == start or at.astimezone(zone).minute == 0]


def _begins(zone: zoneinfo.ZoneInfo) -> dt.time:
    return zone.begins if isinstance(zone, StoreZone) else _MIDNIGHT
