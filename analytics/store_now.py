"""Estimates how many devices are in the store at a moment. Pure.

A phone says nothing when it leaves, and little while it stays: those heard inside in the
last quarter of an hour are some who have left meanwhile. So each counts by how likely it
is still there, silent for as long as it is:

    P(there) = S(s) L(s) / (S(s) L(s) + left)      left = sum over u < s of S(u) (L(u) - L(u'))

where s is how long ago it was heard, S(s) the share of pauses in this store's day that were
longer, and L(s) the share of stays that go on for longer, taken as exponential with the
day's mean time inside. After `visit_gap_s` a visit is over, and counts no more.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics import intervals
from core.setting_groups.traffic import TrafficSettings

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

PAUSE_BIN_S = 15
_LONGEST_S = 7200
_BINS = _LONGEST_S // PAUSE_BIN_S

# Sightings closer together are of one burst.
_BURST_S = 5

# Before anything is known of a day: twenty pauses evenly long up to the end of a visit, and
# one stay of twenty minutes.
_PRIOR_PAUSES = 20
_PRIOR_STAY_S = 1200.0


class StoreNow(NamedTuple):
    devices: int
    low: int
    high: int


def pauses(length_us: _Ints) -> _Ints:
    """How many pauses inside there were of each length: `PAUSE_BIN_S` a bin."""
    length_s = length_us[length_us >= _BURST_S * 1_000_000] // 1_000_000
    return np.bincount(length_s // PAUSE_BIN_S, minlength=_BINS + 1)


def estimate(
    visits: pd.DataFrame, of_length: _Ints, until_us: int, rules: TrafficSettings
) -> StoreNow:
    """How many are in the store at `until_us`.

    Args:
        visits: of the day, as `analytics.visits.table` gives them.
        of_length: the day's pauses, as `pauses` counts them.
        until_us: now, in microseconds since 1970.
        rules: thresholds and durations.
    """
    last_us = visits["last_us"].to_numpy()
    silent_s = (until_us - last_us) / 1e6
    heard_inside = visits["last_inside_us"].to_numpy() == last_us
    under_way = heard_inside & (silent_s <= rules.visit_gap_s) & (silent_s >= 0)
    entered = visits["entered"].to_numpy()
    stay_s = (visits["inside_us"].to_numpy()[entered].sum() / 1e6 + _PRIOR_STAY_S) / (
        np.count_nonzero(entered & ~under_way) + 1
    )
    there = _still_there(of_length, stay_s, rules.visit_gap_s)
    share = there[(silent_s[under_way] // PAUSE_BIN_S).astype(np.int64)]
    devices = round(float(share.sum()))
    low, high = intervals.of_count(devices, variance=float((share * (1 - share)).sum()))
    return StoreNow(devices, low, max(high, 1 if len(share) else 0))


def _still_there(of_length: _Ints, stay_s: float, gap_s: int) -> _Floats:
    """How likely a device is still there, by the bins for which it has been silent."""
    bins = gap_s // PAUSE_BIN_S + 1
    counts = of_length[:bins] + _PRIOR_PAUSES / bins
    longer = np.cumsum(counts[::-1])[::-1] / counts.sum()
    staying = np.exp(-np.arange(bins + 1) * PAUSE_BIN_S / stay_s)
    has_left = np.cumsum(longer * -np.diff(staying)) - longer * -np.diff(staying)
    there = longer * staying[:-1]
    return np.asarray(there / (there + has_left), np.float64)
