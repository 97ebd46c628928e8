"""Brings a day's sightings down to its figures, and forgets the sightings once the day is over.

The order at the end of a day: figures, `closed_at` and the news for the CRM are committed
together, and only then is the day file unlinked. Whatever moment the power fails at, the
next run finds either an open day with its file, or a closed one whose file is left over.
"""

import dataclasses
import datetime as dt
import itertools
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics import day_news, hour_news, visit_news
from analytics.calibration import learnt_zones, thresholds
from analytics.estimates import comers, estimated_rows, estimator, store_now
from analytics.estimates.comers import Comers, Heard, HeardDay
from analytics.estimates.estimator import Estimates
from analytics.estimates.zones import Zones
from analytics.visits import hearing, presence, sightings_table, traffic
from analytics.visits.running_day import Day, RunningDay, WholeDay
from analytics.visits.windows import StoreDay
from core import clock, sightings
from core.database import Database
from core.log import Log
from core.models.traffic import PresenceHour, TrafficDay, TrafficHour, TrafficNow
from core.sealing import Sealer
from core.setting_groups.traffic import TrafficSettings
from core.settings import Settings

# After a day's end, sensors may still hand in a batch of the day before.
GRACE = dt.timedelta(minutes=30)

_log = Log("rollup")


@dataclasses.dataclass(frozen=True, slots=True)
class RolledUp:
    """What a roll-up wrote."""

    day: dt.date
    probe_requests: int
    passers_by: int
    visitors: int


@dataclasses.dataclass(frozen=True, slots=True)
class _Figures:
    """The rows that a day comes to."""

    day: TrafficDay
    hours: list[TrafficHour]
    now: TrafficNow | None = None
    """None if the day does not run, or nothing can be said."""
    estimates: Estimates | None = None
    """None if the day says too little for them."""


def roll_up(
    database: Database,
    settings: Settings,
    day: dt.date,
    now: dt.datetime,
    running: RunningDay | None = None,
    *,
    sealer: Sealer | None = None,
) -> RolledUp | None:
    """Bring the figures of a running day up to date, in place of those from before.

    Args:
        database: where the figures go.
        settings: store, thresholds and folders.
        day: a store-local day.
        now: hours that begin later have no figures yet.
        running: the same day, if it was rolled up before; then it need not be read whole.
        sealer: seals the news of hours that are over; None if nobody is to be told.

    Returns:
        None if there is nothing to say: the day has no sightings file, or is closed. In
        strict mode there are hours of presence alone, and no figures of visits.
    """
    _replace_presence(database, settings, day)
    found = _figures(database, settings, running or WholeDay(settings.sightings_dir, day), now)
    if found is None:
        return None
    # What a power cut takes of it, the next turn brings again.
    with database.writing(durable=False) as session:
        if _is_closed(session, day):
            return None
        told_until = _updated_at(session, day)
        _replace(session, found)
        if sealer is not None:
            hour_news.add(session, sealer, settings, found.day, found.hours, told_until=told_until)
    row = found.day
    return RolledUp(row.day, row.probe_requests, row.passers_by, row.visitors)


def close_days(
    database: Database,
    sealer: Sealer,
    settings: Settings,
    now: dt.datetime,
    *,
    force: bool = False,
) -> list[dt.date]:
    """Close every day that is over: its last figures, news for the CRM, sightings forgotten.

    Args:
        database: where the figures go.
        sealer: seals the news.
        settings: store, thresholds and folders.
        now: what is over depends on it.
        force: close whatever has a file, the running day too.

    Returns:
        The days closed in this call.
    """
    closed = []
    for day in sightings.days_in(settings.sightings_dir):
        _, end = clock.day_bounds(day, settings.store.zone)
        if now < end + GRACE and not force:
            continue
        try:
            if _close(database, sealer, settings, day, now):
                closed.append(day)
        except sightings_table.UnreadableDayError:
            # It may only be busy. If not, it goes when it is overdue.
            _log.exception("day file unreadable", day=day.isoformat())
            continue
        sightings.remove(settings.sightings_dir, day)
    return closed


def _close(
    database: Database, sealer: Sealer, settings: Settings, day: dt.date, now: dt.datetime
) -> bool:
    """Whether it was this call that closed the day."""
    with database.reading() as session:
        if _is_closed(session, day):
            return False
    _replace_presence(database, settings, day)
    found = _figures(database, settings, WholeDay(settings.sightings_dir, day), now)
    if found is None:
        return False
    with database.writing() as session:
        if _is_closed(session, day):
            return False
        told_until = _updated_at(session, day)
        found.day.closed_at = now
        _replace(session, found)
        hour_news.add(session, sealer, settings, found.day, found.hours, told_until=told_until)
        day_news.add(session, sealer, settings, found.day, found.hours, now=now)
        visit_news.add(
            session,
            sealer,
            settings,
            day=found.day,
            hours=found.hours,
            estimates=found.estimates,
        )
    return True


def _figures(
    database: Database, settings: Settings, of_file: Day, now: dt.datetime
) -> _Figures | None:
    """What a day's file comes to; None if there is no file, or no sighting in it.

    In strict mode there never is one. Else the sensor was deaf: that is no count of zero.
    """
    day, zone = of_file.day, settings.store.zone
    start, end = clock.day_bounds(day, zone)
    try:
        store_day, heard, learnt, rules = _read(database, settings, of_file, min(now, end))
    except FileNotFoundError:
        return None
    if not store_day.probe_requests:
        return None
    figures = traffic.sum_up(store_day, day, zone, now, rules)
    row = _day(figures, day)
    row.probe_requests, row.fixtures = store_day.probe_requests, store_day.fixtures
    row.inside_dbm, row.outside_dbm = rules.inside_dbm, rules.outside_dbm
    row.learnt_inside_dbm, row.learnt_outside_dbm = learnt or (None, None)
    row.updated_at = now
    heard_s = hearing.by_quarter(store_day)
    row.heard_s = hearing.within(heard_s, start, end)
    bounds = itertools.pairwise([*(hour.start for hour in figures.hours), end])
    hours = [
        _hour(figures_of, day, hearing.within(heard_s, *of))
        for figures_of, of in zip(figures.hours, bounds, strict=True)
    ]
    hours_s = np.array([hour.start.timestamp() for hour in hours])
    found = comers.find(heard, rules)
    if found is None:
        return _Figures(row, hours)
    estimates = estimator.estimate(found, rules, hours_s, heard.until_s)
    estimated_rows.put(row, hours, estimates, rules.visitor_after_s)
    running = _now(found, now) if start <= now < end else None
    return _Figures(row, hours, running, estimates)


class _Read(NamedTuple):
    store_day: StoreDay
    heard: HeardDay
    learnt: Zones | None
    rules: TrafficSettings


def _read(database: Database, settings: Settings, of_file: Day, until: dt.datetime) -> _Read:
    # Bursts do not depend on thresholds, and some thresholds depend on them. So begin with
    # those of the last time, which mostly hold.
    before = of_file.rules or _rules(database, settings, of_file.day)
    store_day = of_file.read(before)
    heard = HeardDay.of(Heard.of_bursts(store_day.bursts), until.timestamp())
    learnt = heard.zones()
    rules = _rules(database, settings, of_file.day, learnt)
    if rules != before:
        store_day = of_file.read(rules)
    return _Read(store_day, heard, learnt, rules)


def _rules(
    database: Database, settings: Settings, day: dt.date, of_day: Zones | None = None
) -> TrafficSettings:
    with database.reading() as session:
        learnt = learnt_zones.find(session, day, of_day)
        return thresholds.rules(session, settings, day, learnt)


def _day(figures: traffic.DayFigures, day: dt.date) -> TrafficDay:
    first, median, third = figures.dwell_quartiles_s or (None, None, None)
    return TrafficDay(
        day=day,
        **figures.counts._asdict(),
        dwell_q1_s=first,
        dwell_median_s=median,
        dwell_q3_s=third,
        **figures.dwell_visits,
        closed_at=None,
    )


def _hour(figures: traffic.HourFigures, day: dt.date, heard_s: int | None) -> TrafficHour:
    return TrafficHour(
        start=figures.start,
        day=day,
        **figures.counts._asdict(),
        inside_mean=figures.inside_mean,
        heard_s=heard_s,
    )


def _now(found: Comers, now: dt.datetime) -> TrafficNow:
    return TrafficNow(id=1, at=now, **store_now.estimate(found, now.timestamp())._asdict())


def _replace(session: Session, found: _Figures) -> None:
    session.execute(sa.delete(TrafficHour).where(TrafficHour.day == found.day.day))
    session.execute(sa.delete(TrafficDay).where(TrafficDay.day == found.day.day))
    session.add_all([found.day, *found.hours])
    if found.now is not None:
        session.merge(found.now)


def _replace_presence(database: Database, settings: Settings, day: dt.date) -> None:
    """What strict mode has counted, if it was on that day."""
    try:
        with sightings_table.reading(settings.sightings_dir, day) as reader:
            counted = reader.windows()
    except FileNotFoundError:
        return
    if counted:
        with database.writing() as session:
            session.execute(sa.delete(PresenceHour).where(PresenceHour.day == day))
            session.add_all(presence.by_hour(counted, day, settings.store.zone))


def _is_closed(session: Session, day: dt.date) -> bool:
    query = sa.select(TrafficDay.closed_at).where(TrafficDay.day == day)
    return session.scalar(query) is not None


def _updated_at(session: Session, day: dt.date) -> dt.datetime | None:
    """When its figures were written last."""
    return session.scalar(sa.select(TrafficDay.updated_at).where(TrafficDay.day == day))
