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

from core.settings import TrafficSettings

# Sightings that the signal is smoothed over. Indoors, a phone that lies still fluctuates
# by 6 dB and more; the median of five forgets two outliers.
_SMOOTH_OVER = 5

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
    by_device = np.argsort(device[near], kind="stable")  # keeps each device's order of time
    device = device[near][by_device]
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
    """Rolling median within each visit; beyond its ends, the end value is repeated."""
    length = last - first + 1
    low, high = np.repeat(first, length), np.repeat(last, length)
    position = np.arange(len(signal))
    half = _SMOOTH_OVER // 2
    around = np.stack(
        [signal[np.clip(position + step, low, high)] for step in range(-half, half + 1)], axis=1
    )
    return np.partition(around, half, axis=1)[:, half]
