"""How the sensor is doing, in a small file: the sensor writes it, the dashboard reads it.

Apart from the day file, because a sensor that hears nothing has nothing to put there.
It holds names of interfaces and sensors, states and times; nothing of a phone.
"""

import datetime as dt
import enum
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_NAME = "sensor-status.json"

# The sensor writes more often than this; so an older file is one it left behind.
STALE_AFTER = dt.timedelta(minutes=2)


class State(enum.StrEnum):
    HEARING = "hearing"
    SILENT = "silent"
    """It is open and brings nothing."""
    GONE = "gone"
    """Unplugged, switched off, not connected."""


class Hearing(NamedTuple):
    """How one source of the sensor (an interface, another sensor) is doing."""

    state: State
    heard_at: dt.datetime | None
    """When it last brought something. None: not since the sensor started."""
    problem: str | None = None
    """What keeps a radio from listening as planned, and what to mend, as the log has it."""


class SensorStatus(NamedTuple):
    told_at: dt.datetime
    sources: Mapping[str, Hearing]

    def is_stale(self, now: dt.datetime) -> bool:
        """Whether the sensor that wrote this no longer runs, or hangs."""
        return now - self.told_at > STALE_AFTER


def write(folder: Path, status: SensorStatus) -> None:
    """Put it in place of the one before. OSError if the disk refuses."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "told_at": status.told_at.isoformat(),
        "sources": {
            name: {
                "state": hearing.state,
                "heard_at": hearing.heard_at and hearing.heard_at.isoformat(),
                "problem": hearing.problem,
            }
            for name, hearing in status.sources.items()
        },
    }
    new = folder / f"{_NAME}.new"
    new.write_text(json.dumps(document))
    os.replace(new, folder / _NAME)  # noqa: PTH105 - beside its write, as one step


def read(folder: Path) -> SensorStatus | None:
    """None: no sensor has run here, or what it left cannot be read."""
    try:
        document = json.loads((folder / _NAME).read_text())
        return SensorStatus(
            dt.datetime.fromisoformat(document["told_at"]),
            {
                name: Hearing(
                    State(told["state"]),
                    told["heard_at"] and dt.datetime.fromisoformat(told["heard_at"]),
                    told["problem"],
                )
                for name, told in document["sources"].items()
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
