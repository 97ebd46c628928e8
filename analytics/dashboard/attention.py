"""What somebody in the store should look at before the figures. No Flask."""

import dataclasses
import datetime as dt
import enum

from analytics.dashboard.health import OutboxHealth, SensorHealth, SensorState
from core.sensor_status import State


class Weight(enum.StrEnum):
    BAD = "bad"
    """Something is broken, and figures or guests suffer."""
    NOTE = "note"


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """Its texts are `attention.<name>` and `attention.<name>_do`."""

    name: str
    endpoint: str
    """Where to look."""
    weight: Weight = Weight.BAD
    since: dt.datetime | None = None


def of_sensor(found: SensorHealth, now: dt.datetime) -> list[Notice]:
    state = found.state(now)
    if not state.is_bad:
        return []
    return [Notice(f"sensor_{state}", "sensor.page", since=since(found, now))]


def since(found: SensorHealth, now: dt.datetime) -> dt.datetime | None:
    """From when on the sensor, or the part of it that is deaf, has brought nothing, if known."""
    if found.status is None:
        return found.last_heard_at
    if found.state(now) is SensorState.STOPPED:
        return found.status.told_at
    times = [
        each.heard_at for each in found.status.sources.values() if each.state is not State.HEARING
    ]
    known = [at for at in times if at is not None]
    return min(known) if known and len(known) == len(times) else None


def of_outbox(found: OutboxHealth, now: dt.datetime) -> list[Notice]:
    if found.parked:
        return [Notice("outbox_parked", "status.page", Weight.NOTE)]
    if found.is_late(now):
        return [Notice("outbox_late", "status.page", Weight.NOTE, found.oldest_at)]
    return []


def of_gate(*, answers: bool) -> list[Notice]:
    return [] if answers else [Notice("gate_silent", "status.page")]


def of_yesterday(*, was_counted: bool, is_first_day: bool) -> list[Notice]:
    if was_counted or is_first_day:
        return []
    return [Notice("yesterday_missing", "sensor.page", Weight.NOTE)]
