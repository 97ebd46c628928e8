"""Whether the sensor hears, and whether days become figures.

Numbers of frames go out in hundreds, as the dashboard shows them: seven more than a minute ago
would tell that a phone is there. What is lost is rounded up, so that the first is seen.
"""

import datetime as dt
import re
from collections.abc import Iterator

import sqlalchemy as sa

from analytics.dashboard import health, listening
from analytics.dashboard.health import SensorHealth, SensorState
from appliance.metrics.sample import Sample
from core.database import Database
from core.metrics.family import counter, gauge
from core.models.traffic import TrafficDay
from core.sensor_status import State
from core.settings import Settings

STATE = gauge(
    "doorman_sensor_state",
    "1 for the worst that is known of the sensor",
    "`hearing`, or `quiet` in an empty street; `absent` where there is none.",
    "state",
)
SOURCE = gauge(
    "doorman_sensor_source_hearing",
    "Whether a radio or another sensor brings anything",
    "1.",
    "source",
)
TOLD = gauge(
    "doorman_sensor_told_timestamp_seconds",
    "When the sensor last said how it is",
    "Within 30 s.",
)
FRAMES = counter(
    "doorman_sensor_frames_total",
    "Frames heard today, in hundreds",
    "Grows while phones are near. Begins anew with the store's day.",
)
PROBES = counter(
    "doorman_sensor_probe_requests_total",
    "Probe requests heard today, in hundreds",
    "As frames.",
)
REJECTED = counter(
    "doorman_sensor_rejected_total",
    "Frames of today that were no use, by reason, in hundreds",
    "`failed` is a fault of ours.",
    "reason",
)
DROPPED = counter(
    "doorman_sensor_dropped_total",
    "Frames of today that came faster than they could be read, in hundreds",
    "Far fewer than frames.",
)
UNSAVED = counter(
    "doorman_sensor_unsaved_total",
    "Sightings of today that could not be written, up to the next hundred",
    "0. Else the disk is full or broken.",
)
DAY_CLOSED = gauge(
    "doorman_traffic_day_closed_timestamp_seconds",
    "When the figures of a day were last made final",
    "Within the hour after the store's day ended, each day.",
)
DAYS_OPEN = gauge(
    "doorman_traffic_days_unclosed",
    "Days that have ended and whose figures are not final",
    "0; 1 for up to an hour after the store's day ended.",
)
FAMILIES = (
    *(STATE, SOURCE, TOLD, FRAMES, PROBES, REJECTED, DROPPED, UNSAVED),
    *(DAY_CLOSED, DAYS_OPEN),
)

_HUNDRED = 100
# Some systems name an interface by its hardware address.
_ADDRESS = re.compile(r"[0-9a-fA-F]{12}")
_REJECTED = "rejected."


def of_sensor(settings: Settings, now: dt.datetime) -> Iterator[Sample]:
    found = health.of_sensor(settings.sightings_dir, settings.status_dir, settings.today(now))
    present = found.state(now)
    for state in SensorState:
        yield Sample(STATE, state is present, (state,))
    if present is SensorState.ABSENT:
        return
    yield from _of_sources(found, now)
    for family, name in ((FRAMES, "frames"), (PROBES, "probe_requests"), (DROPPED, "dropped")):
        yield Sample(family, listening.shown(found.tallies.get(name, 0)))
    unsaved = found.tallies.get("unsaved", 0)
    yield Sample(UNSAVED, -(-unsaved // _HUNDRED) * _HUNDRED)
    for name, value in found.tallies.items():
        if name.startswith(_REJECTED):
            yield Sample(REJECTED, listening.shown(value), (name.removeprefix(_REJECTED),))


def of_days(database: Database, today: dt.date) -> Iterator[Sample]:
    closed_at = sa.func.max(TrafficDay.closed_at, type_=TrafficDay.closed_at.type)
    is_open = TrafficDay.closed_at.is_(None), TrafficDay.day < today
    unclosed = sa.select(sa.func.count(TrafficDay.day)).where(*is_open)
    with database.reading() as session:
        last, count = session.scalar(sa.select(closed_at)), session.scalar(unclosed) or 0
    if last is not None:
        yield Sample(DAY_CLOSED, last.timestamp())
    yield Sample(DAYS_OPEN, count)


def _of_sources(found: SensorHealth, now: dt.datetime) -> Iterator[Sample]:
    if found.status is None:
        return
    yield Sample(TOLD, found.status.told_at.timestamp())
    is_stale = found.status.is_stale(now)
    for number, (name, hearing) in enumerate(found.status.sources.items(), 1):
        hears = hearing.state is State.HEARING and not is_stale
        shown = f"interface-{number}" if _ADDRESS.search(name) else name
        yield Sample(SOURCE, hears, (shown,))
