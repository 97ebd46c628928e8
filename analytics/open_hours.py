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
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from analytics import dwell_buckets, margins, report, suppression
from analytics.report import DayReport, Estimate
from core.database import Database
from core.models.traffic import TrafficHour
from core.opening_hours import OpeningHours
from core.settings import Settings


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
    when_open = settings.store.hours
    if when_open is None:
        return None
    found = report.recent(database, settings, last, (last - first).days + 1)
    days = {each.day: each for each in found if each.is_comparable}
    wanted = sa.select(
        TrafficHour.day, TrafficHour.start, TrafficHour.visitors, TrafficHour.passers_by
    ).where(TrafficHour.day.between(first, last))
    of_weekday = [_parts(when_open, weekday) for weekday in range(7)]
    visitors: list[int] = []
    passers_by: dict[_When, list[int]] = collections.defaultdict(list)
    with database.reading() as session:
        for day, start, came, passed in session.execute(wanted):
            if day not in days:
                continue
            when = of_weekday[day.weekday()].get(start.astimezone(settings.store.zone).hour)
            if when is not None:
                passers_by[when].append(passed)
            if when is _When.OPEN:
                visitors.append(came)
    k = settings.traffic.suppress_below
    inside = report.of_visitors(_total(visitors, k))
    near = report.of_passers_by(_total(passers_by[_When.OPEN], k))
    open_days = [each for day, each in days.items() if of_weekday[day.weekday()]]
    return OpenHours(
        days=len(open_days),
        shut_days=len(days) - len(open_days),
        visitors=inside,
        passers_by=near,
        entry_rate=_entry_rate(inside, near, _looked_in(open_days, settings)),
        before_opening=report.of_passers_by(_total(passers_by[_When.BEFORE], k)),
        after_closing=report.of_passers_by(_total(passers_by[_When.AFTER], k)),
    )


def _parts(when_open: OpeningHours, weekday: int) -> Mapping[int, _When]:
    """What each hour on the clock is, on a day of the store that begins on a weekday."""
    of_day = when_open.hours_on(weekday)
    spans = when_open.week[weekday]
    if not spans:
        return {}
    # Of a break at noon nothing is before or after.
    before, after = (spans[0].opens // 60 - 1) % 24, -(-spans[-1].closes // 60) % 24
    parts = {before: _When.BEFORE, after: _When.AFTER}
    return parts | dict.fromkeys(of_day, _When.OPEN)


def _total(counts: Sequence[int], k: int) -> int | None:
    shown = [suppression.rounded(count, k) for count in counts]
    return suppression.rounded_sum(shown, k)


def _looked_in(days: Sequence[DayReport], settings: Settings) -> int:
    """Who came inside and was no visitor: that is while it is open, so it is the day's."""
    names = dwell_buckets.looked_in(settings.traffic.visitor_after_s)
    return sum(each.dwell_visits[name] or 0 for each in days for name in names)


def _entry_rate(visitors: Estimate, passers_by: Estimate, looked_in: int) -> Estimate:
    if visitors.value is None or passers_by.value is None:
        return Estimate()
    near = visitors.value + passers_by.value
    entries = min(visitors.value + looked_in, near)
    rate = margins.of_entry_rate(entries / near, entries, near)
    return Estimate(*(round(each, 4) for each in rate))
