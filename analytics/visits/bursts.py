"""Puts sightings of one address and one look that follow each other closely into bursts. Pure.

Of a burst the strongest frame tells best where the phone is: the others may have been
heard from a neighbouring channel, or while somebody stood in the way.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.visits.sightings_table import Sightings

Rows = npt.NDArray[Any]
"""Rows of `BURST`."""

_Ints = npt.NDArray[np.int64]

BURST = np.dtype(
    [
        ("heard_at_us", "i8"),  # its first frame
        ("last_us", "i8"),
        ("address", "i8"),
        ("fingerprint", "i8"),
        ("device", "i8"),
        ("sightings", "i8"),
        ("strongest_dbm", "i2"),
        ("randomised", "?"),
    ]
)

# Frames of one scan are milliseconds to a second apart, scans of one phone mostly ten
# seconds and more (`analytics.devices.crowds`).
_SILENCE_US = 5_000_000


def find(heard: Sightings, edge: _Ints, device: _Ints) -> Rows:
    """The bursts, in order of time.

    Args:
        heard: sightings in order of time.
        edge: numbers addresses and looks together, those of each window apart: no burst
            goes on from one window to the next, so it makes no difference how a day is cut.
        device: which device each is of.
    """
    if not len(edge):
        return np.empty(0, BURST)
    order = np.argsort(edge.astype(np.min_scalar_type(edge.max())), kind="stable")
    at_us, edge = heard.heard_at_us[order], edge[order]
    begins = (np.diff(edge, prepend=-1) != 0) | (np.diff(at_us, prepend=0) > _SILENCE_US)
    first = np.flatnonzero(begins)
    last = np.r_[first[1:], len(order)] - 1
    row = order[first]
    starts = np.zeros(len(order), np.bool_)
    starts[row] = True
    place = (np.cumsum(starts) - 1)[row]
    found = np.empty(len(first), BURST)
    found["heard_at_us"][place], found["last_us"][place] = at_us[first], at_us[last]
    found["address"][place], found["fingerprint"][place] = (
        heard.address[row],
        heard.fingerprint[row],
    )
    found["device"][place], found["randomised"][place] = device[row], heard.randomised[row]
    found["sightings"][place] = last - first + 1
    found["strongest_dbm"][place] = np.maximum.reduceat(heard.signal_dbm[order], first)
    return found
