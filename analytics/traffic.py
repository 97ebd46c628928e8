"""Sums visits up into the figures of an hour and of a day. Pure: a table in, figures out.

passers-by + visitors = all visits; what each means is in docs/figures/.
"""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from core import clock
from core.models.traffic import DWELL_BUCKETS


@dataclasses.dataclass(frozen=True, slots=True)
class HourFigures:
    start: dt.datetime
    """UTC: where clocks go back, two hours of a day have the same local name."""
    passers_by: int
    visitors: int


@dataclasses.dataclass(frozen=True, slots=True)
class DayFigures:
    passers_by: int
    visitors: int
    dwell_quartiles_s: tuple[int, int, int] | None
    """Of visitors' time inside; None if there was no visitor."""
    dwell_visits: Mapping[str, int]
    """Visits that came inside at all, by time inside; keys as in `DWELL_BUCKETS`."""
    hours: tuple[HourFigures, ...]
    """By the hour in which each visit began; up to and including the running hour."""


def sum_up(
    visits: pd.DataFrame, day: dt.date, zone: zoneinfo.ZoneInfo, until: dt.datetime
) -> DayFigures:
    """Figures of a store-local day.

    Args:
        visits: as `analytics.visits.find` gives them, all of them of `day`.
        day: the store-local day.
        zone: the store's.
        until: hours that begin later have no figures yet.
    """
    visitor = visits["visitor"].to_numpy()
    entered_s = visits["inside_s"].to_numpy()[visits["entered"].to_numpy()]
    return DayFigures(
        passers_by=int((~visitor).sum()),
        visitors=int(visitor.sum()),
        dwell_quartiles_s=_quartiles(visits["inside_s"].to_numpy()[visitor]),
        dwell_visits=_dwell_visits(entered_s),
        hours=_hours(visits["first_s"].to_numpy(), visitor, clock.hour_starts(day, zone), until),
    )


def _hours(
    first_s: npt.NDArray[np.float64],
    visitor: npt.NDArray[np.bool_],
    starts: list[dt.datetime],
    until: dt.datetime,
) -> tuple[HourFigures, ...]:
    starts_s = np.array([start.timestamp() for start in starts])
    # A clock set back just after midnight may date a sighting before its own day.
    hour = np.maximum(np.searchsorted(starts_s, first_s, side="right") - 1, 0)
    visitors = np.bincount(hour[visitor], minlength=len(starts))
    passers_by = np.bincount(hour[~visitor], minlength=len(starts))
    return tuple(
        HourFigures(start, int(passed), int(came))
        for start, passed, came in zip(starts, passers_by, visitors, strict=True)
        if start <= until
    )


def _dwell_visits(inside_s: npt.NDArray[np.float64]) -> dict[str, int]:
    bucket = np.searchsorted(list(DWELL_BUCKETS.values()), inside_s, side="right") - 1
    counts = np.bincount(bucket, minlength=len(DWELL_BUCKETS))
    return {name: int(count) for name, count in zip(DWELL_BUCKETS, counts, strict=True)}


def _quartiles(dwell_s: npt.NDArray[np.float64]) -> tuple[int, int, int] | None:
    if not len(dwell_s):
        return None
    first, median, third = np.quantile(dwell_s, (0.25, 0.5, 0.75))
    return round(first), round(median), round(third)
