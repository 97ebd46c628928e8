"""The sensor of a store's box: its own day files, keys and do-not-count list."""

import functools
import time
from collections.abc import Callable

from core import attention
from core.pseudonym import DayKeys
from sniffer.left_out import LeftOut
from sniffer.outlet import Keeper, Outlet
from sniffer.pseudonymiser import Pseudonymiser
from sniffer.recorder import Recorder
from sniffer.sensor import Sensor
from sniffer.wanted import Wanted
from sniffer.window_recorder import CountWindow, WindowRecorder


def sensor(
    settings: Wanted,
    *,
    keys: DayKeys | None = None,
    count_window: CountWindow | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Sensor:
    """A sensor that has not heard anything yet.

    Args:
        settings: the store's.
        keys: if others of the store's sensors are handed them; else it draws its own.
        count_window: counts the devices of a window; strict mode needs it.
        monotonic: seconds.
    """
    outlet = _outlet(
        settings,
        keys or DayKeys(settings.sensor.pseudonym_bits),
        count_window=count_window,
        monotonic=monotonic,
    )
    return Sensor(
        outlet,
        is_brief=settings.sensor.strict,
        flush_every_s=settings.sensor.write_every_s,
        is_followed=functools.partial(attention.is_asked, settings.data_dir),
        monotonic=monotonic,
    )


def _outlet(
    settings: Wanted,
    keys: DayKeys,
    *,
    count_window: CountWindow | None,
    monotonic: Callable[[], float],
) -> Outlet:
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
