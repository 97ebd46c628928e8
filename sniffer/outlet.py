"""Where a sensor's sightings go, under whose keys, and whom it leaves out.

A store's box has its own: day files, keys that it draws, the store's do-not-count list.
Another sensor of the store borrows all three from the box (`sniffer.remote.lent`).
"""

import datetime as dt
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from core.pseudonym import DayKeys
from core.settings import Settings
from core.sightings import Sighting
from sniffer.frames import ProbeRequest
from sniffer.left_out import LeftOut
from sniffer.pseudonymiser import Pseudonymiser
from sniffer.recorder import Recorder
from sniffer.window_recorder import CountWindow, WindowRecorder


class Pseudonyms(Protocol):
    def day_of(self, at_us: int) -> dt.date:
        """To which `Keeper.turn_to` is turned, or BadTimeError."""

    def sighting(self, request: ProbeRequest, at_us: int) -> Sighting:
        """What may be kept of a probe request, or BadTimeError."""

    def pass_to(self, now_us: int) -> None:
        """Forget the keys that are over by now, though nobody is heard."""


class Keeper(Protocol):
    @property
    def is_full(self) -> bool: ...
    def turn_to(self, day: dt.date) -> None: ...
    def add(self, sighting: Sighting, sequence: int) -> None: ...
    def amend(self, sighting: Sighting) -> None:
        """The one of this phone and time was heard better, as it stands here."""

    def tally(self, name: str, value: int = 1) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


class Exempt(Protocol):
    def covers(self, address: bytes) -> bool: ...
    def refresh(self) -> None: ...


class Outlet(NamedTuple):
    pseudonyms: Pseudonyms
    keeper: Keeper
    left_out: Exempt


def of_box(
    settings: Settings,
    keys: DayKeys,
    *,
    count_window: CountWindow | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Outlet:
    """The box's own.

    Args:
        settings: the store's.
        keys: which it shares with nobody but the store's other sensors.
        count_window: counts the devices of a window; strict mode needs it.
        monotonic: seconds.
    """
    zone, folder, strict = settings.store.zone, settings.sightings_dir, settings.sensor.strict
    keeper: Keeper
    if not strict:
        keeper = Recorder(folder, zone)
    elif count_window is not None:
        keeper = WindowRecorder(folder, zone, count_window, monotonic=monotonic)
    else:
        raise ValueError("strict mode keeps counts alone: count_window is missing")
    pseudonyms = Pseudonymiser(keys, zone, settings.sensor.id, is_strict=strict)
    return Outlet(pseudonyms, keeper, LeftOut(settings.data_dir))
