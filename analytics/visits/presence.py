"""How many devices were near in one window, and in the windows of an hour: strict mode.

Addresses and looks have pseudonyms of this window alone, so a device cannot be followed
into the next. There are no visits then, no entry rate and no dwell; and what is always
there, such as a printer, cannot be told from a shopper's phone and is counted too.
"""

import datetime as dt
import zoneinfo
from collections.abc import Sequence

import numpy as np

from analytics.devices import linking
from core import clock
from core.models.traffic import PresenceHour
from core.setting_groups.traffic import TrafficSettings
from core.sightings import WINDOW_S, Sighting, WindowCount

# As in a day's table: a driver that gives no signal says nothing about how near.
_NO_SIGNAL_DBM = -128


def count(start_us: int, heard: Sequence[Sighting], rules: TrafficSettings) -> WindowCount:
    """Count the devices of a window.

    Near is what was ever heard at `outside_dbm` or stronger; inside, what was so half of the
    times at `inside_dbm` or stronger.
    """
    if not heard:
        return WindowCount(start_us, 0, 0)
    device = linking.link(
        np.array([each.heard_at_us - start_us for each in heard]) / 1e6,
        np.array([each.address for each in heard]),
        np.array([each.fingerprint for each in heard]),
        WINDOW_S,
        randomised=np.array([each.randomised for each in heard]),
    )
    signal = np.array(
        [_NO_SIGNAL_DBM if each.signal_dbm is None else each.signal_dbm for each in heard]
    )
    of_each = [signal[device == number] for number in range(int(device.max()) + 1)]
    return WindowCount(
        start_us,
        near=sum(bool(signals.max() >= rules.outside_dbm) for signals in of_each),
        inside=sum(bool(np.median(signals) >= rules.inside_dbm) for signals in of_each),
    )


def by_hour(
    windows: Sequence[WindowCount], day: dt.date, zone: zoneinfo.ZoneInfo
) -> list[PresenceHour]:
    """The hours of a store-local day in which there were windows."""
    starts = clock.hour_starts(day, zone)
    starts_us = [start.timestamp() * 1e6 for start in starts]
    hour = np.searchsorted(starts_us, [each.start_us for each in windows], side="right") - 1
    found = []
    for number, start in enumerate(starts):
        of_hour = [each for each, its in zip(windows, hour, strict=True) if its == number]
        if of_hour:
            found.append(
                PresenceHour(
                    start=start,
                    day=day,
                    windows=len(of_hour),
                    near=sum(each.near for each in of_hour),
                    inside=sum(each.inside for each in of_hour),
                    near_most=max(each.near for each in of_hour),
                )
            )
    return found
