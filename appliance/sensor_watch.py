"""Tells systemd and the dashboard how the sensor is doing, from within its loop.

If that hangs, systemd hears no more of it and starts the sensor anew. A radio that is gone
is no reason for that: a new start costs the key of the day.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from core import clock, sensor_status
from core.log import Log
from core.sensor_status import Hearing, SensorStatus
from gate.systemd import ServiceManager
from sniffer.source import Item, Tick

_WRITE_EVERY = dt.timedelta(seconds=15)

_log = Log("sensor")


class SensorWatch:
    """Writes the status of the sources of `hearing` into `folder`."""

    def __init__(
        self,
        folder: Path,
        hearing: Callable[[], Mapping[str, Hearing]],
        manager: ServiceManager,
        *,
        now: Callable[[], dt.datetime] = clock.now,
    ) -> None:
        self._folder = folder
        self._hearing = hearing
        self._manager = manager
        self._now = now
        self._states: Mapping[str, sensor_status.State] | None = None
        self._written_at = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._is_failing = False

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        """The same items. Each tick that the sensor takes is a sign that it lives."""
        is_ready = False
        for item in items:
            yield item
            if isinstance(item, Tick):
                self._look()
                if not is_ready:
                    self._manager.ready()
                    is_ready = True

    def _look(self) -> None:
        self._manager.live()
        hearing = self._hearing()
        states = {name: each.state for name, each in hearing.items()}
        now = self._now()
        if states == self._states and now - self._written_at < _WRITE_EVERY:
            return
        self._states, self._written_at = states, now
        self._manager.say(", ".join(f"{name} {state}" for name, state in states.items()))
        try:
            sensor_status.write(self._folder, SensorStatus(now, hearing))
        except OSError:
            if not self._is_failing:
                _log.exception("the status cannot be written")
            self._is_failing = True
        else:
            self._is_failing = False
