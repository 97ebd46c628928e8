"""The one place that asks what time it is. Everything else takes `now` as an argument."""

import datetime as dt
import zoneinfo


def now() -> dt.datetime:
    """The present moment, in UTC and with its zone."""
    return dt.datetime.now(dt.UTC)


def store_day(moment: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.date:
    """The store-local calendar day that `moment` (with a zone) belongs to."""
    return moment.astimezone(zone).date()


def day_bounds(day: dt.date, zone: zoneinfo.ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """First moment of a store-local day and of the next one, both in UTC.

    They lie 23 or 25 hours apart on the days when clocks change.
    """
    start = dt.datetime.combine(day, dt.time(), zone)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
    return start.astimezone(dt.UTC), end.astimezone(dt.UTC)


def hour_starts(day: dt.date, zone: zoneinfo.ZoneInfo) -> list[dt.datetime]:
    """When each hour of a store-local day begins, in UTC: 23 to 25 of them."""
    start, end = day_bounds(day, zone)
    # Hours of every zone begin on a quarter of a UTC hour (Nepal is 5 h 45 min ahead).
    quarter = dt.timedelta(minutes=15)
    quarters = (start + number * quarter for number in range((end - start) // quarter))
    return [at for at in quarters if at == start or at.astimezone(zone).minute == 0]
