"""Days that are out of the ordinary, and whether it was the sensor or the street.

Found in what may be seen, and in how long the sensor heard. A day is set beside the last eight
comparable days of its weekday, in logarithms: their median is what is usual, and what counts
as much is told by how much they differ (by the median, so that one of them may be odd itself)
together with the interval of the day's own count.

    z = log(count / usual) / sqrt((1.48 MAD)^2 + (log(high / low) / 3.92)^2)

Nothing is said of a weekday before four of it are known, so nothing in a store's first month.
"""

import collections
import dataclasses
import datetime as dt
import enum
import math
import statistics
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from analytics.figures import day_notes, report
from analytics.figures.report import DayReport, Estimate
from core.database import Database
from core.models.day_note import DayNote, NoteKind
from core.models.traffic import PresenceHour, TrafficDay
from core.settings import Settings

_DAY = dt.timedelta(days=1)
_WEEKS, _FEWEST = 8, 4
# From here on it is told. In a year of days that differ by 15 % for no reason, that is less than
# once; if they differ by 25 %, four times. A day of twice the usual is told in two cases of
# three, and in two of five: to see a smaller change, compare weeks.
_ODD, _VERY_ODD = 3.0, 5.0
# Frames have no interval; days of the same sensor differ by so much, in logarithms, anyway.
_FRAMES_SPREAD, _FIXTURES_SPREAD = 0.15, 0.4
# Furniture that makes no difference to the figures.
_FEW_FIXTURES = 15
# Figures that fell by the same factor, give or take.
_ALIKE = 0.3
_MAD_TO_SPREAD, _WIDTH_TO_SPREAD = 1.4826, 3.92


class Kind(enum.StrEnum):
    """What it is. The pages have words for each: what it means, and what to do."""

    NOTHING_COUNTED = "nothing_counted"
    """The day has no figures at all: the sensor or the appliance was off."""
    SENSOR_SILENT = "sensor_silent"
    """The sensor heard little or nothing in hours in which it ought to have heard."""
    HEARS_LESS = "hears_less"
    """Fewer of both, by the same factor: an empty street, or a sensor that is half deaf."""
    MORE_PASSERS_BY = "more_passers_by"
    FEWER_PASSERS_BY = "fewer_passers_by"
    MORE_VISITORS = "more_visitors"
    FEWER_VISITORS = "fewer_visitors"
    MORE_FRAMES = "more_frames"
    """More probe requests from as many devices: phones or neighbours that talk more."""
    MORE_FIXTURES = "more_fixtures"
    """Many devices that are there all day, and are left out."""


class Sure(enum.StrEnum):
    MEASURED = "measured"
    """No estimate is in it."""
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclasses.dataclass(frozen=True, slots=True)
class Anomaly:
    """Something out of the ordinary on one day, or on days that follow each other."""

    kind: Kind
    first: dt.date
    last: dt.date
    sure: Sure
    hours: tuple[dt.datetime, ...] = ()
    """Where it is a matter of hours: their beginnings, in the store's zone."""
    times: float | None = None
    """Of what is usual: 0.5 is half, 2 is twice as many. Of several days, the middle one's."""


class _Level(NamedTuple):
    """A figure beside what is usual on its weekday."""

    log_times: float
    z: float

    @property
    def is_odd(self) -> bool:
        return abs(self.z) >= _ODD


def earliest(first: dt.date) -> dt.date:
    """The first day that `find` looks at, to know what is usual."""
    return first - _WEEKS * 7 * _DAY


def find(
    database: Database,
    settings: Settings,
    first: dt.date,
    last: dt.date,
    *,
    today: dt.date,
    days: Sequence[DayReport] | None = None,
) -> tuple[Anomaly, ...]:
    """What is out of the ordinary from `first` to `last`, both included, in the order of days.

    Args:
        database: where the figures are.
        settings: the store's.
        first: the first day.
        last: the last one.
        today: days before it on which the store was not shut ought to have figures.
        days: those from `earliest(first)` to the last, if somebody has read them already.
    """
    if days is None:
        days = report.recent(database, settings, last, (last - earliest(first)).days + 1)
    notes = day_notes.find(database, earliest(first), last)
    noted = {
        note.first + number * _DAY
        for note in notes
        if note.kind in day_notes.LEFT_OUT
        for number in range((note.last - note.first).days + 1)
    }
    missing = [
        day
        for day in _missing(database, first, min(last, today - _DAY))
        if not _is_shut(settings, notes, day)
    ]
    return of_days(days, first, noted, missing)


def of_days(
    days: Sequence[DayReport],
    first: dt.date,
    noted: Collection[dt.date] = (),
    missing: Iterable[dt.date] = (),
) -> tuple[Anomaly, ...]:
    """What is out of the ordinary on those of the days that are not before `first`.

    Args:
        days: in their order, from eight weeks before `first` on.
        first: those before it are there to be compared with.
        noted: days that are known not to be like others.
        missing: days without figures that ought to have some.
    """
    found = [Anomaly(Kind.NOTHING_COUNTED, day, day, Sure.MEASURED) for day in missing]
    weekdays: dict[int, list[DayReport]] = collections.defaultdict(list)
    for each in days:
        likes = weekdays[each.day.weekday()]
        if each.day >= first:
            found += _of_day(each, likes[-_WEEKS:], is_noted=each.day in noted)
        if each.is_comparable and each.day not in noted:
            likes.append(each)
    return tuple(sorted(_joined(found), key=lambda each: (each.first, each.kind)))


def _of_day(day: DayReport, likes: Sequence[DayReport], *, is_noted: bool) -> Iterator[Anomaly]:
    if is_noted:
        return
    if day.deaf_hours:
        yield Anomaly(Kind.SENSOR_SILENT, day.day, day.day, Sure.MEASURED, day.deaf_hours)
    if not day.is_comparable or len(likes) < _FEWEST:
        return
    k = day.withheld_below
    visitors = _level(day.visitors, [each.visitors for each in likes], k)
    passers_by = _level(day.passers_by, [each.passers_by for each in likes], k)
    yield from _of_counts(day, visitors, passers_by)
    frames = _beside(
        math.log(max(day.probe_requests, 1)),
        [math.log(max(each.probe_requests, 1)) for each in likes],
        _FRAMES_SPREAD,
    )
    if frames.z >= _ODD and not visitors.is_odd and not passers_by.is_odd:
        yield _anomaly(Kind.MORE_FRAMES, day, frames)
    fixtures = _beside(
        math.log(day.fixtures or k / 2),
        [math.log(each.fixtures or k / 2) for each in likes],
        _FIXTURES_SPREAD,
    )
    if fixtures.z >= _ODD and (day.fixtures or 0) > _FEW_FIXTURES:
        yield _anomaly(Kind.MORE_FIXTURES, day, fixtures)


def _of_counts(day: DayReport, visitors: _Level, passers_by: _Level) -> Iterator[Anomaly]:
    alike = abs(visitors.log_times - passers_by.log_times) < _ALIKE
    if alike and min(visitors.z, passers_by.z) <= -_ODD:
        lower = min(visitors, passers_by, key=lambda level: level.z)
        # Not more than possible: it may be the weather as well as the sensor.
        yield dataclasses.replace(_anomaly(Kind.HEARS_LESS, day, lower), sure=Sure.POSSIBLE)
        return
    if visitors.is_odd:
        more = visitors.z > 0
        yield _anomaly(Kind.MORE_VISITORS if more else Kind.FEWER_VISITORS, day, visitors)
    if passers_by.is_odd:
        more = passers_by.z > 0
        yield _anomaly(Kind.MORE_PASSERS_BY if more else Kind.FEWER_PASSERS_BY, day, passers_by)


def _level(day: Estimate, likes: Sequence[Estimate], k: int) -> _Level:
    """A withheld count is taken for the middle of what it may be."""
    own = 0.0
    if day.value and day.high is not None:
        own = math.log(day.high / max(day.low or 1, 1)) / _WIDTH_TO_SPREAD
    usual = [math.log(each.value or k / 2) for each in likes]
    return _beside(math.log(day.value or k / 2), usual, own)


def _beside(log: float, usual: Sequence[float], spread: float) -> _Level:
    middle = statistics.median(usual)
    differ = _MAD_TO_SPREAD * statistics.median(abs(each - middle) for each in usual)
    return _Level(log - middle, (log - middle) / max(math.hypot(differ, spread), _FRAMES_SPREAD))


def _anomaly(kind: Kind, day: DayReport, level: _Level) -> Anomaly:
    sure = Sure.LIKELY if abs(level.z) >= _VERY_ODD else Sure.POSSIBLE
    return Anomaly(kind, day.day, day.day, sure, times=round(math.exp(level.log_times), 2))


def _joined(found: Iterable[Anomaly]) -> Iterator[Anomaly]:
    """The same thing on days that follow each other is one."""
    by_kind: Mapping[Kind, list[Anomaly]] = collections.defaultdict(list)
    for each in sorted(found, key=lambda anomaly: anomaly.first):
        by_kind[each.kind].append(each)
    for of_kind in by_kind.values():
        run: list[Anomaly] = []
        for each in of_kind:
            if run and each.first > run[-1].last + _DAY:
                yield _one(run)
                run = []
            run.append(each)
        yield _one(run)


def _one(run: Sequence[Anomaly]) -> Anomaly:
    times = [each.times for each in run if each.times is not None]
    return Anomaly(
        run[0].kind,
        run[0].first,
        run[-1].last,
        min((each.sure for each in run), key=list(Sure).index),
        tuple(hour for each in run for hour in each.hours),
        round(statistics.median(times), 2) if times else None,
    )


def _is_shut(settings: Settings, notes: Sequence[DayNote], day: dt.date) -> bool:
    """As far as opening hours or a note say so."""
    store = settings.store
    noted = any(note.kind is NoteKind.CLOSED for note in day_notes.of_day(notes, day))
    return noted or (store.hours is not None and not store.hours.on(day, store.zone))


def _missing(database: Database, first: dt.date, last: dt.date) -> list[dt.date]:
    """Days without any figure, strict mode's included, from the store's first day on."""
    columns = (TrafficDay.day, PresenceHour.day)
    with database.reading() as session:
        begun = [session.scalar(sa.select(sa.func.min(column))) for column in columns]
        known = {
            day
            for column in columns
            for day in session.scalars(sa.select(column).where(column.between(first, last)))
        }
    begins = min((day for day in begun if day is not None), default=None)
    if begins is None:
        return []
    begin = max(first, begins)
    every = (begin + number * _DAY for number in range((last - begin).days + 1))
    return [day for day in every if day not in known]
