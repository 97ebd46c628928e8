"""The traffic of any range of store-local days, as anybody may see it.

Everything here is made of DayReports, of figures that may be seen already. A range adds up
what its days show and nothing else: beside the days and other ranges, a sum over all of them
would tell what is withheld of one. So a report says how many days it is made of.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

from analytics.figures import report
from analytics.figures.report import DayReport, Estimate
from core.database import Database
from core.models.traffic import DWELL_BUCKETS
from core.settings import Settings

EARLIEST = dt.date(2000, 1, 1)
"""No store has figures of before; and years may be counted back from here."""


@dataclasses.dataclass(frozen=True, slots=True)
class PeriodReport:
    """Store-local days, both ends included. Estimate() and None stand for what is withheld."""

    store: str
    first: dt.date
    last: dt.date
    days: tuple[DayReport, ...]
    """Those that have figures, oldest first; without their hours."""
    days_without_figures: tuple[dt.date, ...]
    """On which nothing was counted: the sensor was off, or the day is yet to come."""
    days_withheld: tuple[dt.date, ...]
    """With too few visitors to say how many; `visitors` leaves them out."""
    days_deaf: tuple[dt.date, ...]
    """On which the sensor was silent for a while: they show fewer than there were."""
    passers_by: Estimate
    visitors: Estimate
    entry_rate: Estimate
    """Over the days that show one."""
    dwell_median_s: Estimate
    """Of the middle visitor's day; `low` and `high` are such a day's quartiles."""
    dwell_visits: Mapping[str, int | None]
    bounces: int | None
    """Over the days that show them."""
    bounce_rate: float | None
    """Of the visitors of those days."""


def find(database: Database, settings: Settings, first: dt.date, last: dt.date) -> PeriodReport:
    """The days from `first` to `last`, both included."""
    length = (last - first).days + 1
    return of_days(settings, first, last, report.recent(database, settings, last, length))


def of_days(
    settings: Settings, first: dt.date, last: dt.date, days: Iterable[DayReport]
) -> PeriodReport:
    """Those of `days` that lie between `first` and `last`, both included."""
    found = tuple(each for each in days if first <= each.day <= last)
    known = {each.day for each in found}
    every = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
    return PeriodReport(
        store=settings.store.id,
        first=first,
        last=last,
        days=found,
        days_without_figures=tuple(day for day in every if day not in known),
        days_withheld=tuple(each.day for each in found if each.visitors.value is None),
        days_deaf=tuple(each.day for each in found if each.deaf_hours),
        passers_by=report.of_passers_by(_whole(each.passers_by.value for each in found)),
        visitors=report.of_visitors(_whole(each.visitors.value for each in found)),
        entry_rate=_entry_rate(found),
        dwell_median_s=_middle_dwell(found),
        dwell_visits={
            name: _whole(each.dwell_visits[name] for each in found) for name in DWELL_BUCKETS
        },
        bounces=_whole(each.bounces for each in found),
        bounce_rate=_bounce_rate(found),
    )


def year_before(first: dt.date) -> dt.date:
    """52 weeks: the same weekdays, at most two days off the date."""
    return first - dt.timedelta(days=364)


def _whole(values: Iterable[float | None]) -> int | None:
    shown = [value for value in values if value is not None]
    return round(sum(shown)) if shown else None


def _entry_rate(days: Sequence[DayReport]) -> Estimate:
    """Of all who were near on days that show a rate, those who came in."""
    entries = near = 0.0
    for each in days:
        if each.entry_rate.value is not None:
            of_day = (each.visitors.value or 0) + (each.passers_by.value or 0)
            near += of_day
            entries += each.entry_rate.value * of_day
    return report.of_entry_rate(entries, near)


def _bounce_rate(days: Sequence[DayReport]) -> float | None:
    both = [
        (each.bounces, each.visitors.value)
        for each in days
        if each.bounces is not None and each.visitors.value
    ]
    visitors = sum(pair[1] for pair in both)
    return round(sum(pair[0] for pair in both) / visitors, 4) if visitors else None


def _middle_dwell(days: Sequence[DayReport]) -> Estimate:
    timed = [each for each in days if each.dwell_median_s.value is not None]
    return Estimate(
        *(
            _weighted_median(
                [(end(each.dwell_median_s) or 0, each.visitors.value or 0) for each in timed]
            )
            for end in _ENDS
        )
    )


def _weighted_median(values: Iterable[tuple[float, float]]) -> float | None:
    in_order = sorted(values)
    half, so_far = sum(weight for _, weight in in_order) / 2, 0.0
    for value, weight in in_order:
        so_far += weight
        if so_far >= half:
            return value
    return None


_ENDS: tuple[Callable[[Estimate], float | None], ...] = (
    lambda estimate: estimate.value,
    lambda estimate: estimate.low,
    lambda estimate: estimate.high,
)
