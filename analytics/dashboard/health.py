"""Whether the sensor hears and the news for the CRM leaves. Counts only. No Flask."""

import dataclasses
import datetime as dt
import enum
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from analytics.figures import suppression
from core import outbox, sensor_status, sightings
from core.database import Database
from core.models.opt_out import OptOut
from core.outbox import Standing
from core.sensor_status import SensorStatus, State

# Phones probe every few minutes at the least; in an open store this is no coincidence.
SILENT_AFTER = dt.timedelta(minutes=15)
# The outbox is looked at every few seconds; what waits longer waits for the CRM.
LATE_AFTER = dt.timedelta(minutes=15)


class SensorState(enum.StrEnum):
    """The worst that is known of the sensor."""

    ABSENT = "absent"
    """Nothing here says that there is a sensor."""
    STOPPED = "stopped"
    DEAF = "deaf"
    """No radio and no other sensor brings anything."""
    PARTLY_DEAF = "partly_deaf"
    """One of them brings nothing."""
    SILENT = "silent"
    """No phone, and why is not known."""
    QUIET = "quiet"
    """No phone, though the radios hear: nobody may be near."""
    HEARING = "hearing"

    @property
    def is_bad(self) -> bool:
        return self not in (SensorState.HEARING, SensorState.QUIET)


@dataclasses.dataclass(frozen=True, slots=True)
class SensorHealth:
    last_heard_at: dt.datetime | None
    """None: nothing was heard today, or the day file cannot be read."""
    tallies: Mapping[str, int]
    """Frames and rejections by reason, today."""
    status: SensorStatus | None = None
    """None: no sensor has listened live on this machine."""
    has_files: bool = True
    """Whether there is anything heard on this machine, of whatever day."""

    def state(self, now: dt.datetime) -> SensorState:
        is_silent = self.last_heard_at is None or now - self.last_heard_at > SILENT_AFTER
        if self.status is None:
            if not self.has_files:
                return SensorState.ABSENT
            return SensorState.SILENT if is_silent else SensorState.HEARING
        if self.status.is_stale(now):
            return SensorState.STOPPED
        hears = {each.state is State.HEARING for each in self.status.sources.values()}
        if False in hears:
            return SensorState.PARTLY_DEAF if True in hears else SensorState.DEAF
        return SensorState.QUIET if is_silent else SensorState.HEARING


def of_sensor(sightings_dir: Path, status_dir: Path, today: dt.date) -> SensorHealth:
    status = sensor_status.read(status_dir)
    try:
        with sightings.reading(sightings_dir, today) as connection:
            tallies = dict(
                connection.execute(
                    "SELECT name, value FROM tallies WHERE name NOT GLOB ? ORDER BY name",
                    [f"{sightings.HEARING}*"],
                )
            )
            # In strict mode there are windows in place of sightings.
            (newest,) = connection.execute(
                "SELECT MAX(at_us) FROM (SELECT MAX(heard_at_us) AS at_us FROM sightings"
                " UNION ALL SELECT MAX(start_us) + ? FROM windows)",
                (sightings.WINDOW_S * 1_000_000,),
            ).fetchone()
    except (FileNotFoundError, sqlite3.DatabaseError):
        return SensorHealth(None, {}, status, bool(sightings.days_in(sightings_dir)))
    heard_at = None if newest is None else dt.datetime.fromtimestamp(newest / 1e6, dt.UTC)
    return SensorHealth(heard_at, tallies, status)


def of_opt_outs(database: Database, k: int, now: dt.datetime) -> int | None:
    """Phones that are not counted because their owners asked; None: too few to be shown."""
    wanted = sa.select(sa.func.count()).select_from(OptOut).where(OptOut.until > now)
    with database.reading() as session:
        return suppression.shown(session.scalar(wanted) or 0, k)


def of_outbox(database: Database) -> Standing:
    with database.reading() as session:
        return outbox.standing(session)


def is_late(found: Standing, now: dt.datetime) -> bool:
    return found.oldest_at is not None and now - found.oldest_at > LATE_AFTER
