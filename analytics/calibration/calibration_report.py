"""People per device in this store: what was counted, set against the hours it was counted in.

Only figures that may be seen (`figures.report`) go into it, so nothing that comes out of it
can tell a withheld one. Sessions are compared with hours pro rata: nobody has to count from
one full hour to the next, but who does is more exact.
"""

import collections
import dataclasses
import datetime as dt
import enum
from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics.calibration import calibration, sensor_moves, thresholds
from analytics.calibration.calibration import Counted, Factor
from analytics.figures import report
from analytics.figures.report import DayReport, HourReport
from core import clock
from core.database import Database
from core.models.counting_session import CountingSession
from core.models.traffic import TrafficDay, TrafficHour
from core.settings import Settings

FRESH = dt.timedelta(days=90)
"""So long a count tells how things are; sessions that old no longer count beside newer ones."""
MOST_SESSIONS = 300
"""The newest; a door counter has a dozen a day."""

# A visit that began in an hour is a visitor or not for certain after so long.
_SETTLES = dt.timedelta(minutes=35)
# Thresholds learnt from the data move a little by themselves.
_SAME_DBM = 3
_NEARLY_HEARD_S = 3300
_HOUR, _MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


class Stale(enum.StrEnum):
    """Why a factor no longer holds."""

    OLD = "old"
    THRESHOLDS = "thresholds"
    SENSOR_MOVED = "sensor_moved"
    SETTINGS = "settings"
    CONTRADICTED = "contradicted"
    """The newest day's sessions say something else than those before."""


class Unusable(enum.StrEnum):
    """Why there is nothing to set a session against."""

    RUNNING = "running"
    """It, or its last hour, is not over; or the day's figures are not that far."""
    NO_FIGURES = "no_figures"
    """The sensor counted nothing then, or not all the time, or too little to be shown."""


@dataclasses.dataclass(frozen=True, slots=True)
class SessionLine:
    """A session and what was estimated for the same span."""

    session: CountingSession
    day: dt.date
    """Store-local, on which it began."""
    visitors: float | None
    passers_by: float | None
    unusable: Unusable | None
    stale: tuple[Stale, ...]
    """What has changed since."""

    @property
    def minutes(self) -> int | None:
        ended_at = self.session.ended_at
        return round((ended_at - self.session.begun_at).total_seconds() / 60) if ended_at else None


@dataclasses.dataclass(frozen=True, slots=True)
class Calibration:
    """People per device, as far as it is known. Stale factors are there to be looked at."""

    visitors: Factor | None
    """People who came in, for one visitor among the devices."""
    passers_by: Factor | None
    """People who walked past, for one passer-by among the devices."""
    lines: tuple[SessionLine, ...]
    """The sessions that may count, the newest first."""
    stale: tuple[Stale, ...]
    newest_at: dt.datetime | None
    """Of the sessions that count."""

    @property
    def is_fresh(self) -> bool:
        """Whether calibrated people may be shown (`calibration.people`)."""
        return not self.stale and (self.visitors is not None or self.passers_by is not None)

    @property
    def visitors_in_force(self) -> Factor | None:
        return self.visitors if self.is_fresh else None

    @property
    def passers_by_in_force(self) -> Factor | None:
        return self.passers_by if self.is_fresh else None


def find(database: Database, settings: Settings, now: dt.datetime) -> Calibration:
    with database.reading() as session:
        newest = sa.select(CountingSession).order_by(CountingSession.begun_at.desc()).limit(1)
        last = session.scalar(newest)
        if last is None:
            return Calibration(None, None, (), (), None)
        wanted = sa.select(CountingSession).where(CountingSession.begun_at > last.begun_at - FRESH)
        newest_first = wanted.order_by(CountingSession.begun_at.desc()).limit(MOST_SESSIONS)
        sessions = session.scalars(newest_first).all()
        days = {day for each in sessions for day in _days(each, settings)}
        known = _reports(session, settings, days)
        changes = _changes(session, settings, days, settings.today(now))
    return _of(tuple(_line(each, known, changes, settings, now) for each in sessions), now)


def _of(lines: tuple[SessionLine, ...], now: dt.datetime) -> Calibration:
    usable = [line for line in lines if line.unusable is None]
    counting = [line for line in usable if not line.stale]
    stale: tuple[Stale, ...] = ()
    if usable and not counting:
        # What there is, with what is wrong with its newest.
        stale, counting = usable[0].stale, usable
    if counting and counting[0].session.begun_at <= now - FRESH:
        stale = (*stale, Stale.OLD)
    if counting and _is_contradicted(counting):
        stale = (*stale, Stale.CONTRADICTED)
    return Calibration(
        visitors=calibration.fit(_entered(counting)),
        passers_by=calibration.fit(_passed(counting)),
        lines=lines,
        stale=stale,
        newest_at=counting[0].session.begun_at if counting else None,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Changes:
    thresholds_dbm: tuple[int, int]
    """By which days are counted now."""
    of_day: Mapping[dt.date, tuple[int | None, int | None]]
    rules: str
    last_move: dt.date
    """The last day on which the sensor was moved."""

    def since(self, counted: CountingSession, day: dt.date) -> tuple[Stale, ...]:
        found = []
        then = zip(self.of_day.get(day, (None, None)), self.thresholds_dbm, strict=True)
        if any(was is not None and abs(was - now) > _SAME_DBM for was, now in then):
            found.append(Stale.THRESHOLDS)
        if day <= self.last_move:
            found.append(Stale.SENSOR_MOVED)
        if counted.rules != self.rules:
            found.append(Stale.SETTINGS)
        return tuple(found)


def _changes(
    session: Session, settings: Settings, days: Collection[dt.date], today: dt.date
) -> _Changes:
    known = sa.select(TrafficDay.day, TrafficDay.inside_dbm, TrafficDay.outside_dbm)
    of_days = known.where(TrafficDay.day >= min(days), TrafficDay.day <= max(days))
    newest = known.where(TrafficDay.inside_dbm.is_not(None)).order_by(TrafficDay.day.desc())
    last = session.execute(newest.limit(1)).first()
    force = thresholds.in_force(session, settings, today)
    moved = sensor_moves.last(session, today)
    return _Changes(
        thresholds_dbm=(
            last.inside_dbm if last else force.inside_dbm,
            last.outside_dbm if last else force.outside_dbm,
        ),
        of_day={row.day: (row.inside_dbm, row.outside_dbm) for row in session.execute(of_days)},
        rules=thresholds.rules_hash(settings),
        last_move=moved.last if moved else dt.date.min,
    )


def _line(
    counted: CountingSession,
    known: Mapping[dt.date, DayReport],
    changes: _Changes,
    settings: Settings,
    now: dt.datetime,
) -> SessionLine:
    days = _days(counted, settings)
    stale = changes.since(counted, days[0])
    reports = [known[day] for day in days if day in known]
    ended_at = counted.ended_at or now
    hours = [hour for each in reports for hour in each.hours if _was_heard(hour)]
    parts = _parts(counted.begun_at, ended_at, hours)
    settled_at = max((hour.start for hour, _ in parts), default=ended_at) + _HOUR + _SETTLES
    is_settled = all(each.closed_at or each.updated_at >= settled_at for each in reports)
    if counted.ended_at is None or now < settled_at or not is_settled:
        return SessionLine(counted, days[0], None, None, Unusable.RUNNING, stale)
    visitors = _pro_rata((hour.visitors, part) for hour, part in parts)
    passers_by = _pro_rata((hour.passers_by, part) for hour, part in parts)
    covered = sum(part for _, part in parts) * _HOUR
    is_whole = abs(ended_at - counted.begun_at - covered) < _MINUTE
    if not is_whole or (visitors is None and passers_by is None):
        return SessionLine(counted, days[0], None, None, Unusable.NO_FIGURES, stale)
    return SessionLine(counted, days[0], visitors, passers_by, None, stale)


def _was_heard(hour: HourReport) -> bool:
    """Whether the sensor heard nearly all of the hour, as far as that is known."""
    return hour.heard_s is None or hour.heard_s >= _NEARLY_HEARD_S


def _parts(
    begun_at: dt.datetime, ended_at: dt.datetime, hours: Iterable[HourReport]
) -> list[tuple[HourReport, float]]:
    """The hours that a span touches, and how much of each."""
    found = ((hour, _overlap(begun_at, ended_at, hour.start)) for hour in hours)
    return [(hour, overlap / _HOUR) for hour, overlap in found if overlap > dt.timedelta(0)]


def _overlap(begun_at: dt.datetime, ended_at: dt.datetime, start: dt.datetime) -> dt.timedelta:
    # In UTC: of two times in one zone, Python takes the difference that the clock shows.
    start = start.astimezone(dt.UTC)
    return min(ended_at, start + _HOUR) - max(begun_at, start)


def _pro_rata(parts: Iterable[tuple[int | None, float]]) -> float | None:
    total = 0.0
    for value, part in parts:
        if value is None:
            return None
        total += value * part
    return total


def _entered(lines: Iterable[SessionLine]) -> list[Counted]:
    return [
        Counted(line.session.entered, line.visitors, line.day)
        for line in lines
        if line.visitors is not None
    ]


def _passed(lines: Iterable[SessionLine]) -> list[Counted]:
    return [
        Counted(line.session.passed, line.passers_by, line.day)
        for line in lines
        if line.passers_by is not None and line.session.passed is not None
    ]


def _is_contradicted(counting: Sequence[SessionLine]) -> bool:
    """Whether the newest day's sessions say something else than those of earlier days."""
    newer = [line for line in counting if line.day == counting[0].day]
    older = counting[len(newer) :]
    return any(calibration.contradict(of(newer), of(older)) for of in (_entered, _passed))


def _days(counted: CountingSession, settings: Settings) -> list[dt.date]:
    """The store-local days that a session touches."""
    zone = settings.store.zone
    first = clock.store_day(counted.begun_at, zone)
    if counted.ended_at is None:
        return [first]
    last = clock.store_day(counted.ended_at - dt.timedelta(microseconds=1), zone)
    return [first + dt.timedelta(days=each) for each in range(max((last - first).days, 0) + 1)]


def _reports(
    session: Session, settings: Settings, days: Collection[dt.date]
) -> dict[dt.date, DayReport]:
    hours = collections.defaultdict(list)
    of_hours = sa.select(TrafficHour).where(
        TrafficHour.day >= min(days), TrafficHour.day <= max(days)
    )
    for hour in session.scalars(of_hours.order_by(TrafficHour.start)):
        hours[hour.day].append(hour)
    of_days = sa.select(TrafficDay).where(TrafficDay.day >= min(days), TrafficDay.day <= max(days))
    found = session.scalars(of_days)
    return {row.day: report.of(row, hours[row.day], settings) for row in found if row.day in days}
