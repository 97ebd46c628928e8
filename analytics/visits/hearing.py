"""For how long the sensor heard, by quarters of an hour. Pure.

The box counts the seconds in which at least one of its sources hears. A sensor whose line was
cut keeps what it hears meanwhile, so where sightings are, somebody heard: from the first in a
quarter to the last. What is left is silence of the sensor, and no empty street.
"""

import datetime as dt
from collections.abc import Mapping

import numpy as np

from analytics.visits.windows import StoreDay
from core.sightings import QUARTER_S

_QUARTER_US = QUARTER_S * 1_000_000


def by_quarter(store_day: StoreDay) -> dict[int, int] | None:
    """Seconds, by the number of the quarter since 1970.

    Returns:
        None if the sensor did not say, as when a recording is played back.
    """
    if not store_day.heard_s:
        return None
    heard_s = {quarter: min(told, QUARTER_S) for quarter, told in store_day.heard_s.items()}
    at_us = store_day.bursts["heard_at_us"]
    quarter = at_us // _QUARTER_US
    starts = np.flatnonzero(np.diff(quarter, prepend=-1))
    ends = np.r_[starts[1:], len(at_us)][: len(starts)] - 1
    spans = zip(quarter[starts].tolist(), (at_us[ends] - at_us[starts]).tolist(), strict=True)
    for number, span_us in spans:
        heard_s[number] = max(heard_s.get(number, 0), round(span_us / 1e6))
    return heard_s


def within(heard_s: Mapping[int, int] | None, start: dt.datetime, end: dt.datetime) -> int | None:
    """Seconds between two moments that are on quarters."""
    if heard_s is None:
        return None
    quarters = range(round(start.timestamp()) // QUARTER_S, round(end.timestamp()) // QUARTER_S)
    return sum(heard_s.get(quarter, 0) for quarter in quarters)
