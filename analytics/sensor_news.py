"""Tells the CRM how the sensor is doing: each of its sources when that changes, and once a day."""

import datetime as dt

from core import outbox, sensor_status
from core.database import Database
from core.sealing import Sealer
from core.sensor_status import Hearing, SensorStatus, State
from core.settings import Settings

_NOT_RUNNING = Hearing(State.GONE, None, "the sensor does not run")
_LONGEST_PROBLEM = 200


class SensorNews:
    """Remembers what it told; whoever starts it anew tells once more."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[State, str | None, dt.date]] = {}

    def turn(
        self, database: Database, sealer: Sealer, settings: Settings, now: dt.datetime
    ) -> None:
        status = sensor_status.read(settings.status_dir)
        if status is None:
            return
        hearing = _hearing(status, now)
        now_told = {
            name: (each.state, each.problem, settings.today(now)) for name, each in hearing.items()
        }
        new = [name for name, told in now_told.items() if self._told.get(name) != told]
        if not new:
            return
        with database.writing() as session:
            for name in new:
                outbox.add(
                    session,
                    sealer,
                    outbox.EventType.SENSOR_HEALTH,
                    subject=name,
                    data=_data(settings.store.id, name, hearing[name], now),
                    now=now,
                )
        self._told = now_told


def _hearing(status: SensorStatus, now: dt.datetime) -> dict[str, Hearing]:
    if not status.is_stale(now):
        return dict(status.sources)
    return {
        name: _NOT_RUNNING._replace(heard_at=hearing.heard_at)
        for name, hearing in status.sources.items()
    }


def _data(store: str, name: str, hearing: Hearing, now: dt.datetime) -> dict[str, object]:
    return {
        "store": store,
        "sensor": name,
        "state": hearing.state,
        "heard_at": hearing.heard_at and hearing.heard_at.isoformat(),
        "problem": hearing.problem and hearing.problem[:_LONGEST_PROBLEM],
        "updated_at": now.isoformat(),
    }
