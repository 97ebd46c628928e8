"""Figures of the hours in which the store was open, apart from those of the rest.

At night there are passers-by and nobody can enter, so an entry rate over the whole day says as
much of the night as of the shop. An hour counts as open if the store was so for a part of it.

Made of hours as they are shown. One that is withheld counts as the middle of what it may be;
where most are withheld, so is their sum.
"""

import collections
import dataclasses
import datetime as dt
import enum
from collections.abc import Sequence

import sqlalchemy as sa

from analytics.figures import dwell_buckets, report, suppression
from analytics.figures.report import DayReport, Estimate
from core.database import Database
from core.models.traffic import TrafficHour
from core.settings import Settings

_Span = tuple[dt.datetime, dt.datetime]
_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


class _When(enum.Enum):
    OPEN = enum.auto()
    BEFORE = enum.auto()
    AFTER = enum.auto()


@dataclasses.dataclass(frozen=True, slots=True)
class OpenHours:
    """Of the comparable days of a range: those that are over and in which the sensor heard."""

    days: int
    """On which the store was open, by its hours."""
    shut_days: int
    """On which it was shut; their passers-by are in no figure here."""
    visitors: Estimate
    passers_by: Estimate
    entry_rate: Estimate
    """Of all who were near while it was open, those who came inside."""
    before_opening: Estimate
    """Passers-by in the last hour before it opened."""
    after_closing: Estimate
    """And in the first one after it closed."""


def find(database: Database, settings: Settings, first: dt.date, last: dt.date) -> OpenHours | None:
    """From `first` to `last`, both included; None if it is not known when the store is open."""
    when_open, zone = settings.store.hours, settings.store.zone
    if when_open is None:
        return None
    found = report.recent(database, settings, last, (last - first).days + 1)
    days = {each.day: each for each in found if each.is_comparable}
    opened = {day: spans for day in days if (spans := when_open.on(day, zone))}
    wanted = sa.select(
        TrafficHour.day, TrafficHour.start, TrafficHour.visitors, TrafficHour.passers_by
    ).where(TrafficHour.day.between(first, last))
    visitors: list[int] = []
    passers_by: dict[_When | None, list[int]] = collections.defaultdict(list)
    with database.reading() as session:
        for day, start, came, passed in session.execute(wanted):
            if day not in days:
                continue
            when = _when(start, [opened.get(day + near * _DAY, []) for near in (0, -1, 1)])
            passers_by[when].append(passed)
            if when is _When.OPEN:
                visitors.append(came)
    k = settings.traffic.suppress_below
    inside = report.of_visitors(_total(visitors, k))
    near = report.of_passers_by(_total(passers_by[_When.OPEN], k))
    return OpenHours(
        days=len(opened),
        shut_days=len(days) - len(opened),
        visitors=inside,
        passers_by=near,
        entry_rate=_entry_rate(inside, near, [days[day] for day in opened], settings),
        before_opening=report.of_passers_by(_total(passers_by[_When.BEFORE], k)),
        after_closing=report.of_passers_by(_total(passers_by[_When.AFTER], k)),
    )


def _when(start: dt.datetime, days: Sequence[Sequence[_Span]]) -> _When | None:
    """What the hour is to the days around it: midnight may be the closing of the day before.

    Of a break at noon nothing is before or after.
    """
    end = start + _HOUR
    if any(opens < end and start < closes for spans in days for opens, closes in spans):
        return _When.OPEN
    for spans in days:
        if spans and end <= spans[0][0] < end + _HOUR:
            return _When.BEFORE
        if spans and start - _HOUR < spans[-1][1] <= start:
            return _When.AFTER
    return None


def _total(counts: Sequence[int], k: int) -> int | None:
    shown = [suppression.rounded(count, k) for count in counts]
    return suppression.rounded_sum(shown, k)


def _entry_rate(
    visitors: Estimate, passers_by: Estimate, days: Sequence[DayReport], settings: Settings
) -> Estimate:
    """Who came inside and was no visitor did so while it was open: so that is the days'."""
    if visitors.value is None or passers_by.value is None:
        return Estimate()
    names = dwell_buckets.looked_in(settings.traffic.visitor_after_s)
    looked_in = sum(each.dwell_visits[name] or 0 for each in days for name in names)
    near = visitors.value + passers_by.value
    return report.of_entry_rate(min(visitors.value + looked_in, near), near)
