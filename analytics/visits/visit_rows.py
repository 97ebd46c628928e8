"""Visits as headquarters gets them: when, where and for how long, and of nobody.

`analytics.estimates.anonymous_visits` makes the rows. What they come to is said by
`analytics.visits.traffic`, as of any visits: so a figure means the same in a store and of a
chain.
"""

import datetime as dt
import zoneinfo
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.visits import traffic
from analytics.visits.bursts import BURST
from analytics.visits.occupancy import Occupancy
from analytics.visits.traffic import DayFigures
from analytics.visits.visits import JUDGED_VISIT
from analytics.visits.windows import StoreDay
from core import clock
from core.setting_groups.traffic import TrafficSettings

_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]

_NO_BURSTS = np.empty(0, BURST)
# By then everybody has left.
_LONG_AFTER = dt.timedelta(days=1)


class VisitRows(NamedTuple):
    """One store-local day, in order of `minute`."""

    minute: _Ints
    """At which it began, since the day did: on days of 23 or 25 hours, too."""
    inside: _Bools
    """Whether it ever was inside; else it passed."""
    dwell_s: _Ints
    """Time inside; 0 of those who passed."""


def figures(
    rows: VisitRows, day: dt.date, zone: zoneinfo.ZoneInfo, visitor_after_s: int
) -> DayFigures:
    """What the rows of a closed day come to.

    Args:
        rows: all of its rows.
        day: the store-local day.
        zone: the store's.
        visitor_after_s: as the store's settings have it.
    """
    start, end = clock.day_bounds(day, zone)
    first_us = round(start.timestamp()) * 1_000_000 + rows.minute * 60_000_000
    inside_us = rows.dwell_s * 1_000_000
    visits = np.zeros(len(rows.minute), JUDGED_VISIT)
    visits["first_us"], visits["last_us"] = first_us, first_us + inside_us
    visits["inside_us"], visits["entered"] = inside_us, rows.inside
    visits["visitor"] = is_visitor(rows, visitor_after_s)
    inside = Occupancy.of(first_us[rows.inside], inside_us[rows.inside])
    store_day = StoreDay(0, 0, visits, _NO_BURSTS, inside, {})
    rules = TrafficSettings(visitor_after_s=visitor_after_s)
    return traffic.sum_up(store_day, day, zone, end + _LONG_AFTER, rules)


def is_visitor(rows: VisitRows, visitor_after_s: int) -> _Bools:
    return rows.inside & (rows.dwell_s >= visitor_after_s)
