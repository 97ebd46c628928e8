"""The guided walk: which station is on, what was heard, and what is made of it. No Flask.

While a walk goes on, what was heard is read from the running day's file at each look. What is
kept of it are levels, and those only once somebody accepts them.
"""

import dataclasses
import datetime as dt
import sqlite3
import statistics
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics.calibration import proposal, sensor_moves, stations
from analytics.calibration.proposal import Proposal
from analytics.calibration.stations import Heard, Level, Live, Recognised
from core import attention, clock
from core.database import Database
from core.models.walk import Station, Walk, WalkStation
from core.settings import Settings

LEAD_S = 10
"""To put the dashboard away and open the phone's Wi-Fi settings."""
LASTS = dt.timedelta(minutes=45)
POOLED_FOR = dt.timedelta(days=90)

_STATION = dt.timedelta(seconds=stations.STATION_S)
_LEAD = dt.timedelta(seconds=LEAD_S)


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far a walk is."""

    walk: Walk
    over: tuple[Station, ...]
    running: Station | None
    is_leading_in: bool
    """The running station has not begun to count yet."""
    seconds_left: int
    """Of the lead, or of the station."""
    following: Station | None
    """The next one to be begun; None: the last one is running, or over."""
    live: Live | None
    recognised: Recognised | None
    """Of the stations that are over; None: none is."""
    proposal: Proposal | None
    """Of all four; pooled with what was accepted before."""
    pooled: int
    """How many walks it is made of."""
    is_late: bool
    """Too long ago, or of an earlier day: it can only be begun anew."""


def begin(database: Database, user_name: str, now: dt.datetime) -> int:
    with database.writing() as session:
        walk = Walk(user_name=user_name, begun_at=now)
        session.add(walk)
        session.flush()
        return walk.id


def begin_station(
    database: Database, settings: Settings, number: int, station: Station, now: dt.datetime
) -> bool:
    """Begin a station, or repeat it. False: it is not its turn, or the walk is over."""
    with database.writing() as session:
        walk = session.get(Walk, number)
        if walk is None or walk.accepted_at or _is_late(walk, settings, now):
            return False
        rows = _rows(session, number)
        before = list(Station)[: list(Station).index(station)]
        if any(each not in rows or _end(rows[each]) > now for each in before):
            return False
        if station in rows:
            rows[station].begun_at = now
        else:
            session.add(WalkStation(walk_id=number, station=station, begun_at=now))
    return True


def progress(
    database: Database, settings: Settings, number: int, now: dt.datetime
) -> Progress | None:
    with database.reading() as session:
        walk = session.get(Walk, number)
        if walk is None:
            return None
        rows = _rows(session, number)
        pooled = _pooled(session, settings, now)
    is_late = _is_late(walk, settings, now)
    if not is_late:
        attention.ask(settings.data_dir)
    over = tuple(each for each in Station if each in rows and _end(rows[each]) <= now)
    running = next((each for each in Station if each in rows and each not in over), None)
    heard = {each: _heard(settings, rows[each], now) for each in over}
    recognised = stations.recognise(heard) if over else None
    is_whole = len(over) == len(Station)
    levels = recognised.levels if recognised and is_whole else {}
    begun_at = rows[running].begun_at + _LEAD if running else now
    is_leading_in = now < begun_at
    left = (begun_at if is_leading_in else begun_at + _STATION) - now
    return Progress(
        walk=walk,
        over=over,
        running=running,
        is_leading_in=is_leading_in,
        seconds_left=max(round(left.total_seconds()), 0) if running else 0,
        following=next((each for each in Station if each not in rows), None),
        live=_live(settings, rows[running], heard, now)
        if running and running is not Station.OFF and not is_leading_in
        else None,
        recognised=recognised,
        proposal=proposal.of(_joint([*pooled, levels])) if levels else None,
        pooled=len(pooled) + 1,
        is_late=is_late,
    )


def accept(database: Database, settings: Settings, number: int, now: dt.datetime) -> bool:
    """Let the proposed thresholds hold from now on. False: there are none, or not any more."""
    found = progress(database, settings, number, now)
    if found is None or found.is_late or found.walk.accepted_at:
        return False
    if found.proposal is None or found.recognised is None:
        return False
    with database.writing() as session:
        walk = session.get_one(Walk, number)
        walk.accepted_at = now
        walk.inside_dbm = found.proposal.inside_dbm
        walk.outside_dbm = found.proposal.outside_dbm
        for station, row in _rows(session, number).items():
            if level := found.recognised.levels.get(station):
                row.median_dbm = level.median_dbm
                row.low_dbm, row.high_dbm = level.low_dbm, level.high_dbm
    return True


def withdraw(database: Database, number: int, now: dt.datetime) -> None:
    """Let the thresholds of a walk hold no longer; those from before it do, or none."""
    with database.writing() as session:
        walk = session.get(Walk, number)
        if walk is not None and walk.accepted_at and not walk.withdrawn_at:
            walk.withdrawn_at = now


def accepted(database: Database, most: int = 10) -> list[tuple[Walk, Mapping[Station, Level]]]:
    """Walks whose thresholds were accepted, the newest first, with their levels."""
    wanted = sa.select(Walk).where(Walk.accepted_at.is_not(None))
    with database.reading() as session:
        walks = session.scalars(wanted.order_by(Walk.accepted_at.desc()).limit(most)).all()
        return [(walk, _kept_levels(session, walk)) for walk in walks]


def _rows(session: Session, number: int) -> dict[Station, WalkStation]:
    rows = session.scalars(sa.select(WalkStation).where(WalkStation.walk_id == number))
    return {row.station: row for row in rows}


def _end(row: WalkStation) -> dt.datetime:
    return row.begun_at + _LEAD + _STATION


def _is_late(walk: Walk, settings: Settings, now: dt.datetime) -> bool:
    zone = settings.store.zone
    # With the store-local day ends the key, so that a phone has another pseudonym.
    is_of_today = clock.store_day(walk.begun_at, zone) == clock.store_day(now, zone)
    return now - walk.begun_at > LASTS or not is_of_today


def _heard(settings: Settings, row: WalkStation, now: dt.datetime) -> Sequence[Heard]:
    begin_at = row.begun_at + _LEAD
    day = clock.store_day(begin_at, settings.store.zone)
    try:
        return stations.hear(settings.sightings_dir, day, begin_at, min(_end(row), now))
    except sqlite3.DatabaseError:
        # Busy, most likely: the next look is seconds away.
        return []


def _live(
    settings: Settings,
    row: WalkStation,
    before: Mapping[Station, Sequence[Heard]],
    now: dt.datetime,
) -> Live:
    begun_us = int((row.begun_at + _LEAD).timestamp() * 1e6)
    earlier = {each: before[each] for each in stations.STATIONS if each in before}
    return stations.listen(
        earlier, _heard(settings, row, now), begun_us, int(now.timestamp() * 1e6)
    )


def _pooled(session: Session, settings: Settings, now: dt.datetime) -> list[dict[Station, Level]]:
    """Levels of the walks that hold beside a new one: recent, and since the sensor was moved."""
    wanted = sa.select(Walk).where(Walk.accepted_at > now - POOLED_FOR, Walk.withdrawn_at.is_(None))
    zone = settings.store.zone
    moved = sensor_moves.last(session, clock.store_day(now, zone))
    if moved:
        wanted = wanted.where(Walk.begun_at >= sensor_moves.over_at(moved, zone))
    levels = [_kept_levels(session, walk) for walk in session.scalars(wanted)]
    return [each for each in levels if each.keys() >= set(stations.STATIONS)]


def _kept_levels(session: Session, walk: Walk) -> dict[Station, Level]:
    rows = _rows(session, walk.id)
    return {
        station: Level(row.median_dbm, row.low_dbm, row.high_dbm)
        for station in stations.STATIONS
        if (row := rows.get(station))
        and row.median_dbm is not None
        and row.low_dbm is not None
        and row.high_dbm is not None
    }


def _joint(walks: Sequence[Mapping[Station, Level]]) -> dict[Station, Level]:
    """The mean of several walks: phones differ, so two know more than one."""

    def mean(station: Station, name: str) -> int:
        values: list[int] = [getattr(each[station], name) for each in walks]
        return round(statistics.mean(values))

    return {
        station: Level(
            mean(station, "median_dbm"), mean(station, "low_dbm"), mean(station, "high_dbm")
        )
        for station in stations.STATIONS
    }
