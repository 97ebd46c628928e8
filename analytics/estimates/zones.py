"""Learns from a day's signals where the store ends. Arrays in, thresholds out.

The strongest frame of each burst has one of two strengths, give or take: that of phones in
the store, and that of phones in the street.

                 .-.                 .--.
               .'   '.             .'    '.
    ____------'       '-..___..---'        '---___   strongest_dbm
       |               |    |
    outside_dbm       leave enter = inside_dbm

They are taken for two normal distributions that spread alike, and the middle between their
means is the threshold. It does not move with how many of the phones are in the store, as
k-means would, which on high streets put the threshold (Soundararaj, Cheshire and Longley,
IJGIS 2020).
"""

import math
from typing import NamedTuple

import numpy as np

from analytics.devices.linking import Floats

HYSTERESIS_DB = 3
"""A phone enters at `inside_dbm` and leaves at so much less: what lies between says nothing."""

# Fewer bursts, or means closer together, show no two zones. Frames of one phone lying still
# scatter by 5 dB, so phones in one place would come out a few dB apart.
_LEAST_BURSTS = 200
_LEAST_APART_DB = 15.0
_LEAST_SHARE = 0.02

# Beyond twice the spread below the street's mean there is one phone in forty of the street's.
_FAR = 2.0
_WEAKEST_DBM = -100

_ROUNDS = 100


class Zones(NamedTuple):
    """As the settings of the same names."""

    inside_dbm: int
    outside_dbm: int


def learn(strongest_dbm: Floats) -> Zones | None:
    """The thresholds that one day's bursts show; None if they show no two zones.

    Args:
        strongest_dbm: of each burst, without those of what is always there.
    """
    # Some drivers tell no signal: that is not a weak one.
    strongest_dbm = strongest_dbm[strongest_dbm >= _WEAKEST_DBM]
    if len(strongest_dbm) < _LEAST_BURSTS:
        return None
    street, store = np.quantile(strongest_dbm, (0.1, 0.9))
    level, bursts = np.unique(strongest_dbm, return_counts=True)
    share, spread = 0.5, _LEAST_APART_DB / 2
    for _ in range(_ROUNDS):
        odds = (level - store) ** 2 - (level - street) ** 2
        odds = odds / (2 * spread**2) + np.log(1 / share - 1)
        in_store = bursts / (1 + np.exp(np.clip(odds, -50, 50)))
        in_street = bursts - in_store
        share = float(in_store.sum() / bursts.sum())
        if not _LEAST_SHARE < share < 1 - _LEAST_SHARE:
            return None
        store, street = (np.average(level, weights=part) for part in (in_store, in_street))
        off = in_store * (level - store) ** 2 + in_street * (level - street) ** 2
        spread = max(math.sqrt(off.sum() / bursts.sum()), 1.0)
    if store - street < _LEAST_APART_DB:
        return None
    outside_dbm = max(round(street - _FAR * spread), _WEAKEST_DBM)
    return Zones(round((street + store) / 2), outside_dbm)
