"""Makes stays of bursts: when phones of each make were in the store, or passed it. Arrays only.

    a make   .  .   x x x   x   .     x        .   .      x: inside; .: outside
             `--'   `-------'         |        `---'
            passing    inside       inside    passing

Two phones of a make that are near at the same time cannot be told apart. But people come
regardless of who is there, so those who come while no phone of their make is known to be in
the store stand for all: if that is so for a quarter of the time, each of them for four. What
makes are there all the time (staff, the till, the neighbours) show nobody else and are left
out; `analytics.estimates.estimator` puts back how many visits that leaves out.
"""

from typing import NamedTuple

import numpy as np

from analytics.devices.linking import Bools, Floats, Ints
from analytics.estimates.silences import LONGEST_S

# Frames of one burst, under whatever addresses; and bursts of one phone that passes.
_BURST_S = 3.0
_PASSES_S = 180.0

# Of a make that is there for a longer part of the time nobody new can be seen. Early in a day,
# one visit must not count for that.
_ALWAYS = 0.6
_LEAST_S = 2 * 3600.0
_FREE_LEAST = 0.12

# Of the time for which a phone may be there, it is: visits of a quarter of an hour, and then ten
# minutes of silence.
_THERE = 0.6
_LEAST_EXPECTED = 1e-6

# One phone that keeps its address comes once or twice a day; a lamp next door, whose signal is
# weak, many times.
_OFTEN = 4


class Bursts(NamedTuple):
    """By make, and by time within each."""

    at_s: Floats
    make: Ints
    strongest_dbm: Floats

    def only(self, which: Bools) -> "Bursts":
        return Bursts(self.at_s[which], self.make[which], self.strongest_dbm[which])


class Stays(NamedTuple):
    """By make, and by time within each."""

    make: Ints
    first_s: Floats
    last_s: Floats
    bursts: Ints

    @property
    def span_s(self) -> Floats:
        return self.last_s - self.first_s

    def only(self, which: Bools) -> "Stays":
        return Stays(self.make[which], self.first_s[which], self.last_s[which], self.bursts[which])


def bursts(heard_at_s: Floats, make: Ints, signal_dbm: Floats) -> Bursts:
    """The bursts in sightings, which come in any order."""
    order = np.lexsort((heard_at_s, make))
    at_s, make, signal_dbm = heard_at_s[order], make[order], signal_dbm[order]
    first, _ = _runs(at_s, make, _BURST_S)
    if not len(first):
        return Bursts(at_s, make, signal_dbm)
    return Bursts(at_s[first], make[first], np.maximum.reduceat(signal_dbm, first))


def inside(heard: Bursts, inside_dbm: float) -> Stays:
    """Stays in the store."""
    strong = heard.strongest_dbm >= inside_dbm
    return _stays(heard.at_s[strong], heard.make[strong], LONGEST_S)


def silences(heard: Bursts, inside_dbm: float, at_once: Floats) -> Floats:
    """How long one phone in the store was silent, between its bursts.

    Args:
        heard: the bursts.
        inside_dbm: from which on they are of phones in the store.
        at_once: of each make, how many phones make the bursts together, while there are any.
    """
    strong = heard.strongest_dbm >= inside_dbm
    at_s, make = heard.at_s[strong], heard.make[strong]
    gaps_s, same = np.diff(at_s), np.diff(make) == 0
    within = same & (gaps_s <= LONGEST_S)
    of_one: Floats = np.minimum(gaps_s[within] * at_once[make[1:][within]], LONGEST_S)
    return of_one


def at_once(present: Floats) -> Floats:
    """How many phones of each make there are at a time, on average while there are any.

    Of those who come at random, as many are there as by Poisson's distribution. A part of the
    time for which they may be there is only silence after they have left.
    """
    expected = _THERE * -np.log1p(-np.minimum(present, 1 - _FREE_LEAST))
    expected = np.maximum(expected, _LEAST_EXPECTED)
    together: Floats = expected / -np.expm1(-expected)
    return together


def passing(heard: Bursts, below_dbm: float, visits: Stays | None = None) -> Stays:
    """Stays outside the store; with `visits`, those while no phone of the make is inside."""
    free = heard.strongest_dbm < below_dbm
    if visits is not None:
        free &= ~_within(heard, visits)
    return _stays(heard.at_s[free], heard.make[free], _PASSES_S)


def present(stays: Stays, makes: int, until_s: float, since_s: float) -> Floats:
    """For which part of the time a phone of each make is there, or may be."""
    there_s = np.minimum(stays.last_s + LONGEST_S, until_s) - stays.first_s
    length_s = max(until_s - since_s, _LEAST_S)
    part: Floats = np.bincount(stays.make, there_s, minlength=makes) / length_s
    return part


def always_there(heard: Bursts, is_shared: Bools, until_s: float, since_s: float) -> Bools:
    """Which makes are; and single things that are heard now and then all day."""
    stays = _stays(heard.at_s, heard.make, LONGEST_S)
    makes = len(is_shared)
    often = np.bincount(stays.make, minlength=makes) >= _OFTEN
    return (present(stays, makes, until_s, since_s) > _ALWAYS) | (often & ~is_shared)


def stands_for(present: Floats) -> Floats:
    """For how many each stay of a make stands, seen or not."""
    return 1 / np.maximum(1 - present, _FREE_LEAST)


def _stays(at_s: Floats, make: Ints, silence_s: float) -> Stays:
    first, last = _runs(at_s, make, silence_s)
    return Stays(make[first], at_s[first], at_s[last], last - first + 1)


def _runs(at_s: Floats, make: Ints, silence_s: float) -> tuple[Ints, Ints]:
    """Where what belongs together begins and ends."""
    begins = (np.diff(make, prepend=-1) != 0) | (np.diff(at_s, prepend=-np.inf) > silence_s)
    first = np.flatnonzero(begins)
    return first, np.r_[first[1:], len(at_s)][: len(first)] - 1


def _within(heard: Bursts, visits: Stays) -> Bools:
    """Whether a phone of the make is inside, or may still be."""
    if not len(visits.make):
        return np.zeros(len(heard.at_s), np.bool_)
    # One axis for all makes: each has its own day on it, longer than any.
    day_s = float(max(heard.at_s.max(), visits.last_s.max()) + 2 * LONGEST_S)
    begins, ends = visits.make * day_s + visits.first_s, visits.make * day_s + visits.last_s
    moment = heard.make * day_s + heard.at_s
    before = np.searchsorted(begins, moment, side="right") - 1
    within: Bools = (before >= 0) & (moment <= ends[np.maximum(before, 0)] + LONGEST_S)
    return within
