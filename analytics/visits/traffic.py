"""Sums a store day up into the figures of its hours and of itself. Pure: tables in, figures out.

passers-by + visitors = all visits; what each means is in docs/figures/.
"""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.visits.occupancy import Occupancy
from analytics.visits.visits import Rows
from analytics.visits.windows import StoreDay
from core import clock
from core.models.traffic import BOUNCE_S, DWELL_BUCKETS
from core.setting_groups.traffic import TrafficSettings

_Bools = npt.NDArray[np.bool_]
_Ints = npt.NDArray[np.int64]


class Counts(NamedTuple):
    """Visits; `entries` and `bounces` are parts of the others."""

    passers_by: int
    visitors: int
    entries: int
    """Ever inside."""
    bounces: int
    """Visitors who have left soon."""


@dataclasses.dataclass(frozen=True, slots=True)
class HourFigures:
    start: dt.datetime
    """UTC: where clocks go back, two hours of a day have the same local name."""
    counts: Counts
    """Of the visits that began in it."""
    inside_mean: float
    """Devices inside on average, over as much of the hour as is gone."""


@dataclasses.dataclass(frozen=True, slots=True)
class DayFigures:
    counts: Counts
    dwell_quartiles_s: tuple[int, int, int] | None
    """Of visitors' time inside; None if there was no visitor."""
    dwell_visits: Mapping[str, int]
    """Visits that came inside at all, by time inside; keys as in `DWELL_BUCKETS`."""
    hours: tuple[HourFigures, ...]
    """Up to and including the running hour."""


def sum_up(
    store_day: StoreDay,
    day: dt.date,
    zone: zoneinfo.ZoneInfo,
    until: dt.datetime,
    rules: TrafficSettings,
) -> DayFigures:
    """Figures of a store-local day.

    Args:
        store_day: what its sightings come to.
        day: the store-local day.
        zone: the store's.
        until: hours that begin later have no figures yet.
        rules: thresholds and durations.
    """
    visits = store_day.visits
    sorts = _sorts(visits, round(until.timestamp() * 1e6), rules)
    starts, (_, end) = clock.hour_starts(day, zone), clock.day_bounds(day, zone)
    # A clock set back just after a day's beginning may date a sighting before its own day.
    starts_us = np.array([round(start.timestamp()) * 1_000_000 for start in starts])
    hour = np.maximum(np.searchsorted(starts_us, visits["first_us"], side="right") - 1, 0)
    of_hours = np.stack([np.bincount(hour[sort], minlength=len(starts)) for sort in sorts])
    inside_s = visits["inside_us"] / 1e6
    return DayFigures(
        counts=Counts(*of_hours.sum(axis=1).tolist()),
        dwell_quartiles_s=quartiles_s(inside_s[sorts.visitors]),
        dwell_visits=_dwell_visits(inside_s[sorts.entries]),
        hours=tuple(
            HourFigures(
                start, Counts(*counts), _mean(store_day.inside, start, min(until, after), after)
            )
            for start, after, counts in zip(
                starts, [*starts[1:], end], of_hours.T.tolist(), strict=True
            )
            if start <= until
        ),
    )


class _Sorts(NamedTuple):
    """Which visits are of each sort of `Counts`."""

    passers_by: _Bools
    visitors: _Bools
    entries: _Bools
    bounces: _Bools


def _sorts(visits: Rows, until_us: int, rules: TrafficSettings) -> _Sorts:
    visitor, entered = visits["visitor"], visits["entered"]
    has_left = until_us - visits["last_us"] > rules.visit_gap_s * 1_000_000
    is_short = visits["inside_us"] < BOUNCE_S * 1_000_000
    return _Sorts(~visitor, visitor, entered, visitor & is_short & has_left)


def _mean(inside: Occupancy, start: dt.datetime, until: dt.datetime, after: dt.datetime) -> float:
    gone_us = (until - start) // dt.timedelta(microseconds=1)
    return round(inside.within(start, after) / gone_us, 2) if gone_us else 0.0


def _dwell_visits(inside_s: npt.NDArray[np.float64]) -> dict[str, int]:
    bucket = np.searchsorted(list(DWELL_BUCKETS.values()), inside_s, side="right") - 1
    counts = np.bincount(bucket, minlength=len(DWELL_BUCKETS))
    return {name: int(count) for name, count in zip(DWELL_BUCKETS, counts, strict=True)}


def quartiles_s(dwell_s: npt.NDArray[np.float64]) -> tuple[int, int, int] | None:
    if not len(dwell_s):
        return None
    first, median, third = np.quantile(dwell_s, (0.25, 0.5, 0.75))
    return round(first), round(median), round(third)
