"""Brings a day's sightings down to its figures, and forgets the sightings once the day is over.

The order at the end of a day: figures, `closed_at` and the news for the CRM are committed
together, and only then is the day file unlinked. Whatever moment the power fails at, the
next run finds either an open day with its file, or a closed one whose file is left over.
"""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics import (
    fixtures,
    intervals,
    linking,
    presence,
    report,
    sightings_table,
    traffic,
    visits,
)
from core import clock, outbox, sightings
from core.database import Database
from core.log import Log
from core.models.traffic import PresenceHour, TrafficDay, TrafficHour
from core.sealing import Sealer
from core.settings import Settings

# After midnight, sensors may still hand in a batch of the day before.
GRACE = dt.timedelta(minutes=30)

_log = Log("rollup")


@dataclasses.dataclass(frozen=True, slots=True)
class RolledUp:
    """What a roll-up wrote."""

    day: dt.date
    probe_requests: int
    passers_by: int
    visitors: int


def roll_up(
    database: Database, settings: Settings, day: dt.date, now: dt.datetime
) -> RolledUp | None:
    """Bring the figures of a running day up to date, in place of those from before.

    Returns:
        None if there is nothing to say: the day has no sightings file, or is closed. In
        strict mode there are hours of presence alone, and no figures of visits.
    """
    _replace_presence(database, settings, day)
    found = _read(settings, day, now)
    if found is None:
        return None
    with database.writing() as session:
        if _is_closed(session, day):
            return None
        _replace(session, *found)
    return _summary(found[0])


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
    found = _read(settings, day, now)
    if found is None:
        return False
    with database.writing() as session:
        if _is_closed(session, day):
            return False
        row, hours = found
        row.closed_at = now
        _replace(session, row, hours)
        outbox.add(
            session,
            sealer,
            outbox.EventType.TRAFFIC_DAY,
            subject=day.isoformat(),
            data=report.of(row, hours, settings).to_data(),
            now=now,
        )
    return True


def _read(
    settings: Settings, day: dt.date, now: dt.datetime
) -> tuple[TrafficDay, list[TrafficHour]] | None:
    """The rows that a day's file comes to; None if there is no file, or no sighting in it.

    In strict mode there never is one. Else the sensor was deaf: that is no count of zero.
    """
    rules = settings.traffic
    try:
        heard = sightings_table.read(settings.sightings_dir, day)
    except FileNotFoundError:
        return None
    if heard.empty:
        return None
    fixture = fixtures.of_fixture(
        heard["heard_at_s"].to_numpy(), heard["address"].to_numpy(), rules
    )
    counted = heard[~fixture]
    device = linking.link(
        counted["heard_at_s"].to_numpy(),
        counted["address"].to_numpy(),
        counted["fingerprint"].to_numpy(),
        rules.window_s,
        randomised=counted["randomised"].to_numpy(),
    )
    figures = traffic.sum_up(visits.find(counted, device, rules), day, settings.store.zone, now)
    row = _row(figures, day, now)
    row.probe_requests = len(heard)
    row.fixtures = heard["address"][fixture].nunique()
    hours = [
        TrafficHour(start=hour.start, day=day, passers_by=hour.passers_by, visitors=hour.visitors)
        for hour in figures.hours
    ]
    return row, hours


def _row(figures: traffic.DayFigures, day: dt.date, now: dt.datetime) -> TrafficDay:
    passers_by_low, passers_by_high = intervals.of_count(figures.passers_by)
    visitors_low, visitors_high = intervals.of_count(figures.visitors)
    first, median, third = figures.dwell_quartiles_s or (None, None, None)
    return TrafficDay(
        day=day,
        passers_by=figures.passers_by,
        passers_by_low=passers_by_low,
        passers_by_high=passers_by_high,
        visitors=figures.visitors,
        visitors_low=visitors_low,
        visitors_high=visitors_high,
        dwell_q1_s=first,
        dwell_median_s=median,
        dwell_q3_s=third,
        **figures.dwell_visits,
        updated_at=now,
        closed_at=None,
    )


def _replace(session: Session, row: TrafficDay, hours: list[TrafficHour]) -> None:
    session.execute(sa.delete(TrafficHour).where(TrafficHour.day == row.day))
    session.execute(sa.delete(TrafficDay).where(TrafficDay.day == row.day))
    session.add_all([row, *hours])


def _replace_presence(database: Database, settings: Settings, day: dt.date) -> None:
    """What strict mode has counted, if it was on that day."""
    try:
        windows = sightings_table.read_windows(settings.sightings_dir, day)
    except FileNotFoundError:
        return
    if windows:
        with database.writing() as session:
            session.execute(sa.delete(PresenceHour).where(PresenceHour.day == day))
            session.add_all(presence.by_hour(windows, day, settings.store.zone))


def _is_closed(session: Session, day: dt.date) -> bool:
    query = sa.select(TrafficDay.closed_at).where(TrafficDay.day == day)
    return session.scalar(query) is not None


def _summary(row: TrafficDay) -> RolledUp:
    return RolledUp(row.day, row.probe_requests, row.passers_by, row.visitors)
