"""Estimates how many devices are in the store at a moment. Pure.

A phone says nothing when it leaves, and little while it stays: of those heard inside in the
last quarter of an hour, some have left meanwhile. So each stay counts by how likely it is
still going on, silent for as long as it has been:

                      S(s) L(s)
    P(there) = -----------------------      left: the sum, over all moments u before s, of
                S(s) L(s)  +  left          S(u) and the part of stays that end then

S(s) is the part of silences that are longer than s, and L(s) the part of stays that go on for
longer than s from any moment of theirs: exponential, with the day's mean. What is always
there, staff among them, is left out as in the day's figures.
"""

from typing import NamedTuple

import numpy as np

from analytics.devices import intervals
from analytics.devices.linking import Floats
from analytics.estimates import dwell
from analytics.estimates.comers import Comers
from analytics.estimates.silences import LONGEST_S, Silences

_STEP_S = 10.0


class StoreNow(NamedTuple):
    devices: int
    low: int
    high: int


def estimate(found: Comers, until_s: float) -> StoreNow:
    """How many are in the store.

    Args:
        found: who came near until now.
        until_s: now, on the clock of `found`.
    """
    stays, weight = found.visits, found.visit_weight
    silent_s = np.maximum(until_s - stays.last_s, 0.0)
    fitted = dwell.fit(stays.span_s, silent_s, weight, found.visit_tells, found.silences)
    mean_s = float(fitted.shares @ dwell.STAYS_S)
    there = _still_there(silent_s, found.silences, mean_s)
    devices = round(float(weight @ there))
    low, high = intervals.of_count(devices, float(weight**2 @ (there * (1 - there))))
    return StoreNow(devices, low, high)


def _still_there(silent_s: Floats, silences: Silences, mean_stay_s: float) -> Floats:
    steps_s = np.arange(0.0, LONGEST_S + _STEP_S, _STEP_S)
    longer = np.diff(silences.heard(steps_s)) / _STEP_S * silences.mean_s
    staying = np.exp(-steps_s / mean_stay_s)
    leaves_unheard = longer * -np.diff(staying)
    has_left = np.cumsum(leaves_unheard) - leaves_unheard
    going_on = longer * staying[:-1]
    chance = going_on / np.maximum(going_on + has_left, np.finfo(float).tiny)
    return np.where(silent_s < LONGEST_S, np.interp(silent_s, steps_s[:-1], chance), 0.0)
