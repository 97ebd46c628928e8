"""When it is busy: the hours of the weekdays, each as the mean over a range of days.

A mean is made of hours as they are shown. One that is withheld counts as the middle of what
it may be, for to leave it out would make quiet hours look busier than they are; where most
are withheld, so is the mean. Hours in which the sensor was silent are left out, and so are
those in which the store is shut, if its hours are known.
"""

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from analytics.figures import report, suppression
from analytics.figures.report import Estimate
from core.database import Database
from core.models.traffic import TrafficDay, TrafficHour
from core.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class WeekdayHours:
    hours: tuple[int, ...]
    """The columns: hours on the store's clock."""
    days: tuple[int, ...]
    """Of each weekday, Monday first: how many finished days are in its row."""
    visitors: tuple[tuple[Estimate | None, ...], ...]
    """Rows from Monday to Sunday; None where no day has such an hour, or the store is shut."""
    passers_by: tuple[tuple[Estimate | None, ...], ...]


_Cells = Mapping[tuple[int, int], Sequence[int]]


def find(database: Database, settings: Settings, first: dt.date, last: dt.date) -> WeekdayHours:
    """Over the finished days from `first` to `last`, both included."""
    wanted = (
        sa.select(TrafficHour.start, TrafficHour.day, TrafficHour.visitors, TrafficHour.passers_by)
        .join(TrafficDay, TrafficDay.day == TrafficHour.day)
        .where(
            TrafficHour.day.between(first, last),
            TrafficDay.closed_at.is_not(None),
            sa.or_(TrafficHour.heard_s.is_(None), TrafficHour.heard_s >= report.DEAF_S),
        )
    )
    with database.reading() as session:
        rows = session.execute(wanted).all()
    visitors: dict[tuple[int, int], list[int]] = collections.defaultdict(list)
    passers_by: dict[tuple[int, int], list[int]] = collections.defaultdict(list)
    days: dict[int, set[dt.date]] = collections.defaultdict(set)
    zone, when_open = settings.store.zone, settings.store.hours
    for start, day, came, passed in rows:
        weekday, hour = day.weekday(), start.astimezone(zone).hour
        days[weekday].add(day)
        if when_open is None or hour in when_open.hours_on(weekday):
            visitors[weekday, hour].append(came)
            passers_by[weekday, hour].append(passed)
    # In the order of a day of the store, which may begin in the morning.
    hours = tuple(
        sorted({hour for _, hour in visitors}, key=lambda hour: (hour - zone.begins.hour) % 24)
    )
    k = settings.traffic.suppress_below
    return WeekdayHours(
        hours,
        tuple(len(days[weekday]) for weekday in range(7)),
        _rows(visitors, hours, k, report.of_visitors),
        _rows(passers_by, hours, k, report.of_passers_by),
    )


def _rows(
    cells: _Cells, hours: Sequence[int], k: int, estimate: Callable[[int | None], Estimate]
) -> tuple[tuple[Estimate | None, ...], ...]:
    return tuple(
        tuple(
            estimate(_mean(cells[weekday, hour], k)) if (weekday, hour) in cells else None
            for hour in hours
        )
        for weekday in range(7)
    )


def _mean(counts: Sequence[int], k: int) -> int | None:
    return suppression.rounded_mean([suppression.rounded(each, k) for each in counts], k)
