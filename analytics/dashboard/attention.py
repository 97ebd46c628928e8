"""What somebody in the store should look at before the figures. No Flask."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Iterable

from analytics.dashboard import health
from analytics.dashboard.health import SensorHealth, SensorState
from analytics.figures.anomalies import Anomaly, Kind
from core.outbox import Standing
from core.sensor_status import State

_OF_SENSOR = frozenset({Kind.NOTHING_COUNTED, Kind.SENSOR_SILENT, Kind.HEARS_LESS})


class Weight(enum.StrEnum):
    BAD = "bad"
    """Something is broken, and figures or guests suffer."""
    NOTE = "note"


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """Its texts are `attention.<name>` and `attention.<name>_do`, unless it is of a day."""

    name: str
    endpoint: str
    """Where to look."""
    weight: Weight = Weight.BAD
    since: dt.datetime | None = None
    anomaly: Anomaly | None = None
    """Of a day; then its texts are `anomaly.<kind>` and `anomaly.<kind>_do`."""


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


def of_outbox(found: Standing, now: dt.datetime) -> list[Notice]:
    if found.parked:
        return [Notice("outbox_parked", "status.page", Weight.NOTE)]
    if health.is_late(found, now):
        return [Notice("outbox_late", "status.page", Weight.NOTE, found.oldest_at)]
    return []


def of_gate(*, answers: bool) -> list[Notice]:
    return [] if answers else [Notice("gate_silent", "status.page")]


def of_days(found: Iterable[Anomaly]) -> list[Notice]:
    """What was out of the ordinary, the sensor's faults first."""
    notices = [
        Notice(
            each.kind,
            "sensor.page" if each.kind in _OF_SENSOR else "traffic.page",
            Weight.BAD if each.kind is Kind.SENSOR_SILENT else Weight.NOTE,
            anomaly=each,
        )
        for each in found
    ]
    return sorted(notices, key=lambda notice: notice.name not in _OF_SENSOR)
