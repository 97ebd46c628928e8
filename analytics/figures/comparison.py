"""Whether more came than before: days set beside like days, with how far chance alone goes.

Always day beside day of the same weekday, so that a week with two Sundays more does not count
as growth. What is the same on both sides falls out of the ratio: phones that merge, shoppers
without one. What differs from pair to pair (weather, holidays, chance) is seen in how much the
pairs differ among themselves, and makes the interval. So a change that one rainy Saturday
could have made is not sold as one.
"""

import collections
import dataclasses
import datetime as dt
import itertools
import math
import statistics
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from analytics.figures import day_notes, period_report
from analytics.figures.period_report import PeriodReport
from analytics.figures.report import DayReport, Estimate
from core.database import Database
from core.models.day_note import DayNote, NoteKind
from core.settings import Settings

# Student's t, 97.5 %, for 1 to 30 degrees of freedom; from there on it is close to 1.96 + 2.4/n.
_T = (
    *(12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23),
    *(2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09),
    *(2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04),
)
# With fewer pairs than this nothing is said of chance, so nothing of a change.
_FEWEST = 3
_MOST_ALIKE = 0.9
_WEEK = dt.timedelta(days=7)


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """From the other days to these: of counts and dwell a share (0.1: a tenth more).

    Of the entry rate, the difference of the two rates.
    """

    value: float | None = None
    """None: no pair of days shows it on both sides."""
    low: float | None = None
    """The 95 % interval; None if there are too few pairs to tell chance."""
    high: float | None = None
    pairs: int = 0
    """Of days, that it is made of."""

    @property
    def is_clear(self) -> bool:
        """Whether chance hardly explains it: the interval lies on one side of no change."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


class Compared(Protocol):
    """What is compared of a day: a store's own report, or the sum of many stores'."""

    @property
    def visitors(self) -> Estimate: ...
    @property
    def passers_by(self) -> Estimate: ...
    @property
    def entry_rate(self) -> Estimate: ...
    @property
    def dwell_median_s(self) -> Estimate: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Changes:
    visitors: Change
    passers_by: Change
    entry_rate: Change
    dwell: Change


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    this: PeriodReport
    other: PeriodReport
    changes: Changes
    pairs: tuple[tuple[dt.date, dt.date], ...]
    """The days set beside each other: of this period, of the other."""
    left_out: tuple[dt.date, ...]
    """Days of this period without a like day, or not to be compared."""
    sensor_moved: bool
    """Whether it was, on the way: days on both sides of that are not set beside each other."""

    @property
    def paired(self) -> list[tuple[DayReport, DayReport]]:
        """The days of `pairs` themselves."""
        days = {each.day: each for each in (*self.other.days, *self.this.days)}
        return [(days[mine], days[theirs]) for mine, theirs in self.pairs]


def compare(
    database: Database,
    settings: Settings,
    first: dt.date,
    last: dt.date,
    with_first: dt.date,
) -> Comparison:
    """The days from `first` to `last` beside as many from `with_first` on."""
    this = period_report.find(database, settings, first, last)
    return beside(database, settings, this, with_first)


def beside(
    database: Database, settings: Settings, this: PeriodReport, with_first: dt.date
) -> Comparison:
    """A period beside as many days from `with_first` on."""
    with_last = with_first + (this.last - this.first)
    other = period_report.find(database, settings, with_first, with_last)
    notes = day_notes.find(database, min(this.first, with_first), max(this.last, with_last))
    return between(this, other, notes)


def between(this: PeriodReport, other: PeriodReport, notes: Sequence[DayNote]) -> Comparison:
    """Two periods, without the days in whose open hours the sensor was silent.

    Args:
        this: the one.
        other: as many days.
        notes: those from the earliest of all these days to the latest; what they tell of is not
            compared either (`analytics.figures.day_notes`).
    """
    pairs = pair_up(this, other, day_notes.incomparable(notes, this.first, this.last, other.first))
    compared = {mine.day for mine, _ in pairs}
    return Comparison(
        this,
        other,
        of_pairs(pairs),
        tuple((mine.day, theirs.day) for mine, theirs in pairs),
        tuple(each.day for each in this.days if each.day not in compared),
        any(note.kind is NoteKind.SENSOR_MOVED for note in notes),
    )


def pair_up(
    this: PeriodReport, other: PeriodReport, without: Collection[dt.date] = ()
) -> list[tuple[DayReport, DayReport]]:
    """Comparable days of the same weekday: the same number of days apart, if that is whole weeks.

    Else the first Monday with the first Monday, and so on, until one side has no more.
    """
    mine, theirs = _comparable(this.days, without), _comparable(other.days, without)
    apart = this.first - other.first
    if apart.days % 7 == 0:
        by_day = {each.day: each for each in theirs}
        return [(each, by_day[each.day - apart]) for each in mine if each.day - apart in by_day]
    weekdays: dict[int, list[DayReport]] = collections.defaultdict(list)
    for each in theirs:
        weekdays[each.day.weekday()].append(each)
    likes = {weekday: iter(days) for weekday, days in weekdays.items()}
    pairs = ((each, next(likes.get(each.day.weekday(), iter(())), None)) for each in mine)
    return [(each, like) for each, like in pairs if like is not None]


def of_pairs(pairs: Sequence[tuple[Compared, Compared]]) -> Changes:
    """What changed from the second day of each pair to the first."""
    return Changes(
        visitors=_as_share(_mean(_logs(pairs, _visitors))),
        passers_by=_as_share(_mean(_logs(pairs, _passers_by))),
        entry_rate=_mean([mine - theirs for mine, theirs in _both(pairs, _entry_rate)]),
        dwell=_as_share(_mean(_logs(pairs, _dwell))),
    )


def with_usual(
    database: Database, settings: Settings, day: dt.date, weeks: int = 8
) -> Changes | None:
    """A finished day beside the median of the last comparable days of its weekday.

    `pairs` of a change is then how many those are, of the last `weeks` weeks; its interval says
    how far one such day may be from the median of the others.

    Returns:
        None if the day has no figures, or cannot be compared.
    """
    first = day - weeks * _WEEK
    days = period_report.find(database, settings, first, day).days
    notes = day_notes.find(database, first, day)
    likes = [
        each
        for each in days
        if each.is_comparable
        and each.day.weekday() == day.weekday()
        and not day_notes.incomparable(notes, day, day, each.day)
    ]
    if not likes or likes[-1].day != day:
        return None
    return of_usual(likes[-1], likes[:-1])


def of_usual(day: DayReport, likes: Sequence[DayReport]) -> Changes:
    """One day beside the median of others like it."""
    pairs = [(day, each) for each in likes]
    rates = [mine - theirs for mine, theirs in _both(pairs, _entry_rate)]
    return Changes(
        visitors=_as_share(_from_median(_logs(pairs, _visitors))),
        passers_by=_as_share(_from_median(_logs(pairs, _passers_by))),
        entry_rate=_from_median(rates),
        dwell=_as_share(_from_median(_logs(pairs, _dwell))),
    )


def _comparable(days: Iterable[DayReport], without: Collection[dt.date]) -> list[DayReport]:
    return [each for each in days if each.is_comparable and each.day not in without]


def _visitors(day: Compared) -> float | None:
    return day.visitors.value


def _passers_by(day: Compared) -> float | None:
    return day.passers_by.value


def _entry_rate(day: Compared) -> float | None:
    return day.entry_rate.value


def _dwell(day: Compared) -> float | None:
    return day.dwell_median_s.value


def _logs(
    pairs: Sequence[tuple[Compared, Compared]], figure: Callable[[Compared], float | None]
) -> list[float]:
    return [math.log(mine / theirs) for mine, theirs in _both(pairs, figure) if mine and theirs]


def _as_share(change: Change) -> Change:
    return Change(_share(change.value), _share(change.low), _share(change.high), change.pairs)


def _both(
    pairs: Sequence[tuple[Compared, Compared]], figure: Callable[[Compared], float | None]
) -> list[tuple[float, float]]:
    values = [(figure(mine), figure(theirs)) for mine, theirs in pairs]
    return [(mine, theirs) for mine, theirs in values if mine is not None and theirs is not None]


def _share(log: float | None) -> float | None:
    return None if log is None else round(math.expm1(log), 4)


def _mean(changes: Sequence[float]) -> Change:
    """Of what changed from pair to pair, in the order of days."""
    if not changes:
        return Change()
    middle = statistics.fmean(changes)
    # Rounded figures that all differ alike say nothing of chance.
    if len(changes) < _FEWEST or len(set(changes)) == 1:
        return Change(middle, pairs=len(changes))
    alone = _t(len(changes) - 1) * statistics.stdev(changes) / math.sqrt(len(changes))
    likeness = _likeness(changes, middle)
    chance = alone * math.sqrt((1 + likeness) / (1 - likeness))
    return Change(middle, middle - chance, middle + chance, len(changes))


def _from_median(changes: Sequence[float]) -> Change:
    """Of what one day differs by from each of others; they differ among themselves as well."""
    if not changes:
        return Change()
    middle = statistics.median(changes)
    if len(changes) < _FEWEST:
        return Change(middle, pairs=len(changes))
    # A day's own chance, and that of the median: pi/2 times that of a mean.
    reach = math.sqrt(1 + math.pi / 2 / len(changes))
    chance = _t(len(changes) - 1) * statistics.stdev(changes) * reach
    return Change(middle, middle - chance, middle + chance, len(changes))


def _likeness(changes: Sequence[float], middle: float) -> float:
    """How alike days in a row are, 0 to 0.9: a week of rain is one chance and not seven.

    The correlation of neighbours, with what it falls short by in so few days.
    """
    apart = [each - middle for each in changes]
    spread = sum(each * each for each in apart)
    if not spread:
        return 0.0
    found = sum(one * other for one, other in itertools.pairwise(apart)) / spread
    return min(max(found + (1 + 3 * found) / len(changes), 0.0), _MOST_ALIKE)


def _t(freedom: int) -> float:
    return _T[freedom - 1] if freedom <= len(_T) else 1.96 + 2.4 / freedom
