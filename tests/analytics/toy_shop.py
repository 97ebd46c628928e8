"""A shop whose phones send by a simple law, so that what an estimate should find is known.

Much simpler than the simulator's shops, and quicker: a phone near sends bursts at random, 80 s
apart on average, each under another address; it is heard at one strength in the street and at
another in the store. Of each make there are several phones, and some send by turns
as two.
"""

from typing import NamedTuple

import numpy as np

from analytics.estimates.comers import Heard

HOURS, MAKES = 8, 60
SILENCE_S, PASSES_S = 80.0, 30.0
TWO_LOOKS = 0.15
STREET_DBM, STORE_DBM, SPREAD_DB = -80.0, -50.0, 6.0


class Day(NamedTuple):
    heard: Heard
    dwell_s: np.ndarray
    near: int
    until_s: float


def day(seed=1, comers=1500, entry_rate=0.2, median_s=700.0):
    rng = np.random.default_rng(seed)
    until_s = 3600.0 * HOURS
    came_s = rng.uniform(0, until_s - 1800, comers)
    entered = rng.random(comers) < entry_rate
    dwell_s = np.where(entered, rng.lognormal(np.log(median_s), 0.8, comers), 0.0)
    rows = []
    for number in range(comers):
        make = rng.integers(MAKES)
        looks = (make, make + MAKES) if rng.random() < TWO_LOOKS else (make, make)
        half_s = PASSES_S / 2
        rows += _bursts(rng, looks, came_s[number], half_s, STREET_DBM)
        rows += _bursts(rng, looks, came_s[number] + half_s, dwell_s[number], STORE_DBM)
        rows += _bursts(rng, looks, came_s[number] + half_s + dwell_s[number], half_s, STREET_DBM)
    at_s, make, signal_dbm = np.array(rows).T
    heard = Heard(
        at_s,
        np.arange(len(at_s)),
        make.astype(np.int64),
        np.ones(len(at_s), np.bool_),
        signal_dbm.round(),
    )
    return Day(heard, dwell_s[entered], comers, until_s)


def always(heard, make, signal_dbm, until_s, seed=9):
    """The same with a phone of that make that is there all day."""
    rng = np.random.default_rng(seed)
    at_s, makes, signals = np.array(_bursts(rng, (make, make), 0.0, until_s, signal_dbm)).T
    return Heard(
        np.r_[heard.heard_at_s, at_s],
        np.r_[heard.address, 10**6 + np.arange(len(at_s))],
        np.r_[heard.fingerprint, makes.astype(np.int64)],
        np.r_[heard.randomised, np.ones(len(at_s), np.bool_)],
        np.r_[heard.strongest_dbm, signals],
    )


def _bursts(rng, looks, since_s, length_s, dbm):
    count = rng.poisson(length_s / SILENCE_S)
    at_s = since_s + np.sort(rng.uniform(0, length_s, count))
    return [(at, rng.choice(looks), rng.normal(dbm, SPREAD_DB)) for at in at_s]
