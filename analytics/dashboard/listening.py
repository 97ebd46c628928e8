"""What each radio and each other sensor has heard today, and what to do about it. No Flask."""

import dataclasses
import datetime as dt
import enum
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from analytics.dashboard.health import SensorHealth, SensorState
from core import sightings
from core.sensor_status import State
from core.setting_groups.sensor import SensorSettings

# Long enough that a radio which hops has been on each of its channels.
RECENT = dt.timedelta(minutes=15)


class Advice(enum.StrEnum):
    """What to do. Its text is `sensor.do_<value>`."""

    NOTHING = "nothing"
    START = "start"
    """The sensor's program does not run."""
    ANTENNA = "antenna"
    """It is open and brings nothing."""
    PLUG = "plug"
    """It is not there."""
    RADIO = "radio"
    """It listens, but not as it should; the problem says how to mend it."""
    RESTART = "restart"
    """The settings name it, and the sensor that runs has not read them."""
    DROPS = "drops"
    """The machine is too slow for all that it hears."""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A radio, or another sensor."""

    name: str
    state: State | None
    """None: the sensor does not say."""
    heard_at: dt.datetime | None
    problem: str | None
    plan: str | None
    """Which channels it listens on; None: another program chooses, or another box."""
    frames: int
    """Probe requests today, as `shown`."""
    dropped: int
    """Frames that came faster than they could be read, as `shown`."""
    deaf_s: int
    """Seconds of today in which it brought nothing."""
    advice: Advice


def shown(frames: int) -> int:
    """To the nearest hundred: seven more than a minute ago would tell that a phone is there."""
    return round(frames, -2)


def lines(found: SensorHealth, settings: SensorSettings, now: dt.datetime) -> list[Line]:
    """Those of the settings first, then the other sensors."""
    sources = found.status.sources if found.status else {}
    plans = dict(zip(settings.interfaces, settings.hopping, strict=False))
    names = [*settings.interfaces, *(name for name in sources if name not in settings.interfaces)]
    is_stopped = found.state(now) in (SensorState.STOPPED, SensorState.ABSENT)
    made = []
    for name in names:
        hearing = sources.get(name)
        counted = {what: found.tallies.get(f"source.{name}.{what}", 0) for what in _COUNTED}
        is_slow = counted["dropped"] > counted["frames"]
        line = Line(
            name=name,
            state=None if is_stopped or hearing is None else hearing.state,
            heard_at=hearing.heard_at if hearing else None,
            problem=hearing.problem if hearing else None,
            plan=plans.get(name),
            advice=Advice.NOTHING,
            frames=shown(counted["frames"]),
            dropped=shown(counted["dropped"]),
            deaf_s=counted["deaf_s"],
        )
        advice = Advice.START if is_stopped else _advice(line, is_slow=is_slow)
        made.append(dataclasses.replace(line, advice=advice))
    return made


def a_minute(folder: Path, day: dt.date, now: dt.datetime) -> float | None:
    """About how many probe requests a minute came of late, over all sensors; None: nobody can say.

    In strict mode there are none to be counted.
    """
    since_us = int((now - RECENT).timestamp() * 1_000_000)
    try:
        with sightings.reading(folder, day) as connection:
            (count,) = connection.execute(
                "SELECT COUNT(*) FROM sightings WHERE heard_at_us >= ?", (since_us,)
            ).fetchone()
    except (FileNotFoundError, sqlite3.DatabaseError):
        return None
    return shown(count) / (RECENT.total_seconds() / 60)


def overall(tallies: Mapping[str, int]) -> dict[str, int]:
    """The day's tallies that are of no single source and no quarter of an hour, as `shown`."""
    return {name: shown(value) for name, value in tallies.items() if "." not in name}


_COUNTED = ("frames", "dropped", "deaf_s")


def _advice(line: Line, *, is_slow: bool) -> Advice:
    if line.state is None:
        return Advice.RESTART
    if line.state is State.GONE:
        return Advice.PLUG
    if line.problem:
        return Advice.RADIO
    if line.state is State.SILENT:
        return Advice.ANTENNA
    return Advice.DROPS if is_slow else Advice.NOTHING
