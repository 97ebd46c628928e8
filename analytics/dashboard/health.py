"""Whether the sensor hears and the news for the CRM leaves. Counts only. No Flask."""

import dataclasses
import datetime as dt
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from core import sightings
from core.database import Database
from core.models.outbox_event import OutboxEvent, OutboxState

# Phones probe every few minutes at the least; in an open store this is no coincidence.
SILENT_AFTER = dt.timedelta(minutes=15)
# The outbox is looked at every few seconds; what waits longer waits for the CRM.
LATE_AFTER = dt.timedelta(minutes=15)


@dataclasses.dataclass(frozen=True, slots=True)
class SensorHealth:
    last_heard_at: dt.datetime | None
    """None: nothing was heard today, or the day file cannot be read."""
    tallies: Mapping[str, int]
    """Frames and rejections by reason, today."""

    def is_silent(self, now: dt.datetime) -> bool:
        return self.last_heard_at is None or now - self.last_heard_at > SILENT_AFTER


@dataclasses.dataclass(frozen=True, slots=True)
class OutboxHealth:
    waiting: int
    oldest_at: dt.datetime | None
    """Of those waiting."""
    parked: int

    def is_late(self, now: dt.datetime) -> bool:
        return self.oldest_at is not None and now - self.oldest_at > LATE_AFTER


def of_sensor(folder: Path, today: dt.date) -> SensorHealth:
    try:
        with sightings.reading(folder, today) as connection:
            newest = connection.execute("SELECT MAX(heard_at_us) FROM sightings").fetchone()[0]
            tallies = dict(connection.execute("SELECT name, value FROM tallies ORDER BY name"))
    except (FileNotFoundError, sqlite3.DatabaseError):
        return SensorHealth(None, {})
    heard_at = None if newest is None else dt.datetime.fromtimestamp(newest / 1e6, dt.UTC)
    return SensorHealth(heard_at, tallies)


def of_outbox(database: Database) -> OutboxHealth:
    wanted = sa.select(
        OutboxEvent.state,
        sa.func.count(OutboxEvent.id),
        sa.func.min(OutboxEvent.occurred_at, type_=OutboxEvent.occurred_at.type),
    ).group_by(OutboxEvent.state)
    with database.reading() as session:
        found = {state: (count, oldest) for state, count, oldest in session.execute(wanted)}
    waiting, oldest_at = found.get(OutboxState.WAITING, (0, None))
    parked, _ = found.get(OutboxState.PARKED, (0, None))
    return OutboxHealth(waiting, oldest_at, parked)
