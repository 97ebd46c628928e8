"""Turns sightings of devices into visits. Pure: columns in, columns out.

                 silence > visit_gap_s
                        |
    device 7   . .  . . | .  .   .....
               `-visit-'   `---visit---'
    inside        ##                ###   smoothed signal >= inside_dbm

A visit is one device's stay near the store: it ends after `visit_gap_s` of silence.
Its time inside is the sum of the spans between neighbouring sightings that were both
inside, so it is the least that the device can have stayed. What the words mean for a
store manager: docs/figures/.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.setting_groups.traffic import TrafficSettings

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_Signals = npt.NDArray[np.int16]


def find(sightings: pd.DataFrame, device: _Ints, rules: TrafficSettings) -> pd.DataFrame:
    """The visits in one day's sightings.

    Args:
        sightings: in order of time, as `analytics.sightings_table.read` gives them.
        device: which device each sighting is of (`analytics.linking`).
        rules: thresholds and durations.

    Returns:
        One row a visit: first_s, last_s, inside_s, entered (ever inside), visitor.
    """
    near = sightings["signal_dbm"].to_numpy() >= rules.outside_dbm
    device = device[near]
    # Stable, so that each device's sightings stay in order of time; and in as few bytes
    # as the labels need: up to two, numpy sorts by radix, ten times as fast.
    narrow = device.astype(np.min_scalar_type(device.max(initial=0)))
    by_device = np.argsort(narrow, kind="stable")
    device = device[by_device]
    heard_s = sightings["heard_at_s"].to_numpy()[near][by_device]
    signal = sightings["signal_dbm"].to_numpy()[near][by_device]

    gap_s = np.diff(heard_s)
    joined = (np.diff(device) == 0) & (gap_s <= rules.visit_gap_s)
    first = np.flatnonzero(np.r_[len(device) > 0, ~joined])
    last = np.r_[first[1:], len(device)][: len(first)] - 1

    inside = _smoothed(signal, first, last) >= rules.inside_dbm
    stayed_s = np.r_[np.where(joined & inside[1:] & inside[:-1], gap_s, 0.0), 0.0]
    inside_s = np.add.reduceat(stayed_s, first)
    entered = np.maximum.reduceat(inside, first)
    return pd.DataFrame(
        {
            "first_s": heard_s[first],
            "last_s": heard_s[last],
            "inside_s": inside_s,
            "entered": entered,
            "visitor": entered & (inside_s >= rules.visitor_after_s),
        }
    )


def _smoothed(signal: _Signals, first: _Ints, last: _Ints) -> _Signals:
    """Rolling median of five within each visit; beyond its ends, the end value is repeated.

    Indoors, the signal of a phone that lies still goes up and down by 6 dB and more.
    """
    length = last - first + 1
    low, high = np.repeat(first, length), np.repeat(last, length)
    position = np.arange(len(signal))
    a, b, d, e = (signal[np.clip(position + step, low, high)] for step in (-2, -1, 1, 2))
    # Of two pairs, the lowest and the highest value cannot be the median. Ten passes over
    # whole columns; sorting each five would take five times as long.
    lower = np.maximum(np.minimum(a, b), np.minimum(d, e))
    upper = np.minimum(np.maximum(a, b), np.maximum(d, e))
    return _median_of_three(lower, signal, upper)


def _median_of_three(a: _Signals, b: _Signals, c: _Signals) -> _Signals:
    return np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))
