"""Counts the phones in each group that linking cannot take apart. Arrays in, a count out.

Phones of one kind that change their addresses send the same, so linking makes one group of
them. Whether such a group is one phone or thirty is seen from four things.

A phone has one radio. Between the first and the last frame of a burst it sends nothing
under another address, so bursts of one phone never overlap. Those of N phones do, in a
share of 1 - 1/N of what bursts at random would:

    address a   |||||               one phone        a  ||||      ||||     two, at least
    address b          |||||                         b    ||||

A phone takes only so many new addresses. How many is not the same from model to model or
from place to place, so it is learnt from the capture itself: small groups are mostly one
phone, show what one phone does, and large groups are measured by them. Addresses come in
clusters, several to a scan; a scan counts once.

A phone is heard at one strength, more or less, and two phones at two (`analytics.devices.signals`).
Where phones come and go, signals and overlaps tell how many are there at a time, not in all.

Looks of one kind that never share an address are seldom of one phone if there are many.

And some groups are no phone but another part of one, of which nothing tells.

All that is one posterior distribution: over how many scans one phone makes and how much
phones differ in that, over how far apart the signals of one phone are, over how common large
groups are, over the number of phones in each group, and over the parts. Numbers of sequence
are not looked at. Why, and where the constants come from: docs/decisions/0018-devices.md.
"""

import math

import numpy as np

from analytics.devices import signals
from analytics.devices.evidence import Evidence, Sightings, measure
from analytics.devices.intervals import Crowd
from analytics.devices.linking import Floats

# Scans a minute of a phone that changes its address, on average, and how far the average of
# one place may be from it, in logarithms.
_RATE_PER_MIN = 0.84
_RATE_SPREAD = 0.75
# Of models round that average and of phones round their model's, in parts of it; and how
# much of that there is: all, as among phones each kept in one state, or half, as in a room
# where everybody takes theirs out now and then.
_MODEL_SPREAD, _PHONE_SPREAD = 0.8, 0.9
_SPREADS = np.array([1.0, 0.5])

# The share of groups whose phones take several addresses in turn within a scan, so that
# their bursts overlap, whatever their number.
_INTERLEAVED = 0.05

# The share of groups whose phones come and go. Overlaps and signals then tell how many are
# there at a time: as likely three to six as six to twelve, up to all.
_COME_AND_GO = 0.25

# The share of groups that are a part of another one's phone.
_PARTS = 0.11

# Looks of one kind and one phone, beyond the first, that never share an address with it; and
# how many another phone of the kind adds: none, or one in every third phone.
_OTHER_LOOKS = 0.27
_NEW_LOOKS = (0.0, 0.3)

# Sizes of groups fall off with one of these powers: from a market of few models to a place
# where nearly everybody has one of their own.
_POWERS = np.array([2.0, 2.5, 3.0, 4.0, 5.0, 6.0])
_SCANS = np.geomspace(1.0, 300.0, 24)
_SIZES = np.unique(np.r_[np.arange(1, 20), np.geomspace(20, 2000, 48).round()])
_STEPS = np.diff(np.r_[_SIZES, 1.1 * _SIZES[-1]])

_DRAWS = 1000
_GROUPS_AT_ONCE = 64
_LEAST = 1e-300


def count(sightings: Sightings) -> Crowd:
    """Count the phones that linked sightings come from."""
    total = int(sightings.group.max()) + 1 if len(sightings.group) else 0
    evidence = measure(sightings, _SIZES)
    if not len(evidence.scans):
        return Crowd(total, 0.0, 0.0)
    rng = np.random.default_rng(0)  # fixed: the same capture is the same count
    sizes = _draws(evidence, rng)
    parts = rng.binomial(len(sizes), _PARTS, _DRAWS)
    likely = np.maximum(total - len(sizes) + sizes.sum(axis=0) - parts, 1)
    low, median, high = np.quantile(likely, (0.16, 0.5, 0.84))
    phones = round(median)
    return Crowd(phones, math.log(phones / min(low, phones)), math.log(max(high, phones) / phones))


def _draws(evidence: Evidence, rng: np.random.Generator) -> Floats:
    """Likely sizes of all groups together: a row for each group, a column for each draw."""
    falls = _STEPS * _SIZES ** -_POWERS[:, None]
    falls /= falls.sum(axis=1, keepdims=True)
    starts = range(0, len(evidence.scans), _GROUPS_AT_ONCE)
    parts = [slice(start, start + _GROUPS_AT_ONCE) for start in starts]

    # By spread, scans of one phone, scale of signals and power.
    weight = np.zeros((len(_SPREADS), len(_SCANS), len(signals.SCALES_DB), len(_POWERS)))
    usual = 1 + _RATE_PER_MIN * float(evidence.minutes.mean())
    weight -= (np.log(_SCANS / usual) ** 2 / (2 * _RATE_SPREAD**2))[:, None, None]
    for part in parts:
        likely = np.einsum("g...n,pn->g...p", _relative(evidence, part), falls)
        weight += np.log(likely + _LEAST).sum(axis=0)
    weight = np.exp(weight - weight.max()).reshape(-1, len(_POWERS))

    drawn = rng.choice(weight.size, _DRAWS, p=weight.ravel() / weight.sum())
    others, power = np.divmod(drawn, len(_POWERS))
    sizes = np.empty((len(evidence.scans), _DRAWS))
    for part in parts:
        for row, one in enumerate(_relative(evidence, part), part.start):
            upto = np.cumsum(one.reshape(-1, len(_SIZES))[others] * falls[power], axis=1)
            sizes[row] = _SIZES[(upto < rng.random((_DRAWS, 1)) * upto[:, -1:]).sum(axis=1)]
    return sizes


def _relative(evidence: Evidence, part: slice) -> Floats:
    """Likelihood of each group, in parts of its greatest.

    By the spread of phones, the scans of one, the scale of signals and the number of phones.
    """
    scans, _, overlaps, expected, looks, of_signals = (column[part] for column in evidence)
    at_a_time = _of_overlaps(overlaps, expected)[:, None, :] + of_signals
    all_along = np.exp(at_a_time - at_a_time.max(axis=(1, 2), keepdims=True))
    some = np.tril(np.broadcast_to(_STEPS / _SIZES, 2 * [len(_SIZES)]))
    some /= some.sum(axis=1, keepdims=True)
    there = (1 - _COME_AND_GO) * all_along + _COME_AND_GO * all_along @ some.T
    alone = _of_scans(scans) + _of_looks(looks)[:, None, None, :]
    log = alone[:, :, :, None, :] + np.log(there + _LEAST)[:, None, None]
    relative: Floats = np.exp(log - log.max(axis=(1, 2, 3, 4), keepdims=True), out=log)
    return relative


def _of_scans(scans: Floats) -> Floats:
    """Log likelihood by the spread of phones, the scans of one and the number of phones."""
    spread, each = _SPREADS[:, None, None], _SCANS[:, None]
    mean = _SIZES * each
    of_phones = (_PHONE_SPREAD**2 + _SIZES * _MODEL_SPREAD**2) * spread**2
    squared = np.log1p((of_phones * _SIZES * each**2 + mean) / mean**2)
    scans = scans[:, None, None, None]
    log = -((np.log(scans / mean) + squared / 2) ** 2) / (2 * squared) - np.log(squared) / 2
    # One scan is one phone, whatever else is said.
    found: Floats = np.where((scans <= 1) & (_SIZES > 1), math.log(_LEAST), log)
    return found


def _of_overlaps(overlaps: Floats, expected: Floats) -> Floats:
    """Log likelihood by the number of phones that are there at a time."""
    overlaps = overlaps[:, None]
    by_chance = _poisson(overlaps, (1 - 1 / _SIZES) * expected[:, None] + 0.02)
    in_turn = np.where(overlaps > 0, 1 / np.maximum(overlaps * (overlaps + 1), 1), 0)
    log: Floats = np.log((1 - _INTERLEAVED) * by_chance + _INTERLEAVED * in_turn + _LEAST)
    return log


def _of_looks(looks: Floats) -> Floats:
    """Log likelihood by the number of phones."""
    more = looks[:, None] - 1
    either = [_poisson(more, _OTHER_LOOKS + each * (_SIZES - 1)) for each in _NEW_LOOKS]
    log: Floats = np.log(sum(either) + _LEAST)
    return log


def _poisson(events: Floats, mean: Floats) -> Floats:
    log_factorial = np.array([math.lgamma(each + 1) for each in events.ravel()])
    log = events * np.log(mean) - mean - log_factorial.reshape(events.shape)
    probability: Floats = np.exp(log)
    return probability
