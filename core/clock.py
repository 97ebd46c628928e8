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
