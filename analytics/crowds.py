"""Counts the phones in each group that linking cannot take apart. Arrays in, a count out.

Phones of one kind that change their addresses send the same, so linking makes one group of
them. Whether such a group is one phone or thirty is seen from three things.

A phone has one radio. Between the first and the last frame of a burst it sends nothing
under another address, so bursts of one phone never overlap. Those of N phones do, in a
share of 1 - 1/N of what bursts at random would:

    address a   |||||               one phone        a  ||||      ||||     two, at least
    address b          |||||                         b    ||||

A phone takes only so many new addresses. How many is not the same from model to model or
from place to place, so it is learnt from the capture itself: small groups are mostly one
phone, show what one phone does, and large groups are measured by them. Addresses come in
clusters, several to a scan; a scan counts once.

Looks of one kind that never share an address are seldom of one phone if there are many.

And some groups are no phone but another part of one, of which nothing tells.

All that is one posterior distribution: over how many scans one phone makes, over how
common large groups are, over the number of phones in each group, and over the parts. Numbers
of sequence are not looked at. Why, and where the constants come from:
docs/decisions/0018-devices.md.
"""

import dataclasses
import math
from typing import NamedTuple

import numpy as np

from analytics import linking
from analytics.linking import Bools, Floats, Ints

# A burst is over when its address has been silent for so long. Frames of one scan are
# milliseconds to a second apart, scans of one phone mostly ten seconds and more.
_BURST_S = 5.0

# New addresses so close belong to one scan; those up to three times as far tell how many
# are close by chance. Bursts that might have overlapped are looked for within a minute.
_SCAN_S = 10.0
_AROUND_S = 60.0

# Scans a minute of a phone that changes its address, on average, and how far the average of
# one place may be from it, in logarithms.
_RATE_PER_MIN = 0.84
_RATE_SPREAD = 0.75
# Of models round that average and of phones round their model's, in parts of it.
_MODEL_SPREAD, _PHONE_SPREAD = 0.8, 0.9

# The share of groups whose phones take several addresses in turn within a scan, so that
# their bursts overlap, whatever their number.
_INTERLEAVED = 0.05

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
_GROUPS_AT_ONCE = 128
_LEAST = 1e-300


class Crowd(NamedTuple):
    """How many phones there are, and by how much that may be off because they are alike."""

    phones: int
    log_spread_down: float
    """How far the middle 68 % of what is likely goes down from it, in logarithms."""
    log_spread_up: float


@dataclasses.dataclass(frozen=True, slots=True)
class _Groups:
    """What tells how many phones a group is: an entry for each."""

    scans: Floats
    minutes: Floats
    """From the first sighting to the last."""
    overlaps: Floats
    expected_overlaps: Floats
    """If bursts came at random."""
    looks: Floats

    def part(self, start: int) -> list[Floats]:
        rows = slice(start, start + _GROUPS_AT_ONCE)
        columns = (self.scans, self.overlaps, self.expected_overlaps, self.looks)
        return [column[rows, None, None] for column in columns]


def count(
    heard_at_s: Floats, address: Ints, fingerprint: Ints, group: Ints, settled: Bools
) -> Crowd:
    """Count the phones that linked sightings come from.

    Args:
        heard_at_s: when, in seconds since any moment; in any order.
        address: pseudonyms of the senders' addresses.
        fingerprint: pseudonyms of what the probe requests looked like.
        group: which group each sighting is of, as `linking.link` says: labels 0 and up.
        settled: whether the address names its device (`linking.settled`).
    """
    total = int(group.max()) + 1 if len(group) else 0
    groups = _measure(heard_at_s, address, fingerprint, group, settled)
    if not len(groups.scans):
        return Crowd(total, 0.0, 0.0)
    rng = np.random.default_rng(0)  # fixed: the same capture is the same count
    sizes = _draws(groups, rng)
    parts = rng.binomial(len(sizes), _PARTS, _DRAWS)
    likely = np.maximum(total - len(sizes) + sizes.sum(axis=0) - parts, 1)
    low, median, high = np.quantile(likely, (0.16, 0.5, 0.84))
    phones = round(median)
    return Crowd(phones, math.log(phones / min(low, phones)), math.log(max(high, phones) / phones))


def _measure(
    heard_at_s: Floats, address: Ints, fingerprint: Ints, group: Ints, settled: Bools
) -> _Groups:
    """Groups that are more than an address from the factory."""
    look = linking.connected(address, fingerprint)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    found = [
        (*_bursts(heard_at_s[rows], address[rows]), len(np.unique(look[rows])))
        for rows in np.split(order, starts[1:])
        if not settled[rows].all()
    ]
    return _Groups(*np.array(found, dtype=np.float64).reshape(-1, 5).T)


def _bursts(heard_at_s: Floats, address: Ints) -> tuple[float, float, int, float]:
    """Scans, minutes, overlaps of bursts, and how many of them there would be at random."""
    order = np.lexsort((heard_at_s, address))
    at, of = heard_at_s[order], address[order]
    is_new = np.diff(of, prepend=-1) != 0
    begins = np.flatnonzero(is_new | (np.diff(at, prepend=-np.inf) > _BURST_S))
    last = np.r_[begins[1:], len(at)] - 1
    begun, ended = np.sort(at[begins]), np.sort(at[last])
    under_way = np.searchsorted(begun, begun) - np.searchsorted(ended, begun)
    at_random = (at[last] - at[begins]) * _begun_around(begun, at[begins])
    return (
        _scans(np.sort(at[is_new])),
        float(np.ptp(at)) / 60,
        int(under_way.clip(0).sum()),
        float(at_random.sum()),
    )


def _begun_around(begun_s: Floats, at_s: Floats) -> Floats:
    """Bursts a second around each moment, those of the same scan left out."""

    def within(reach_s: float) -> Ints:
        after = np.searchsorted(begun_s, at_s + reach_s, side="right")
        return after - np.searchsorted(begun_s, at_s - reach_s)

    rate: Floats = (within(_AROUND_S) - within(_SCAN_S)) / (2 * (_AROUND_S - _SCAN_S))
    return rate


def _scans(taken_s: Floats) -> float:
    """How many scans new addresses stand for: their number by how many come together."""
    count = len(taken_s)
    near = np.searchsorted(taken_s, taken_s + _SCAN_S, side="right")
    far = np.searchsorted(taken_s, taken_s + 3 * _SCAN_S, side="right")
    more = float((near - np.arange(count) - 1).sum() - (far - near).sum() / 2)
    return count / max(1.0, 1 + 2 * more / count)


def _draws(groups: _Groups, rng: np.random.Generator) -> Floats:
    """Likely sizes of all groups together: a row for each group, a column for each draw."""
    likelihood = np.concatenate(
        [
            _log_likelihood(*groups.part(start))
            for start in range(0, len(groups.scans), _GROUPS_AT_ONCE)
        ]
    )
    falls = _STEPS * _SIZES ** -_POWERS[:, None]
    falls /= falls.sum(axis=1, keepdims=True)
    likelihood -= likelihood.max(axis=(1, 2), keepdims=True)
    relative = np.exp(likelihood, out=likelihood)

    evidence = np.log(np.einsum("gsn,pn->gsp", relative, falls) + _LEAST).sum(axis=0)
    usual = 1 + _RATE_PER_MIN * float(groups.minutes.mean())
    evidence -= (np.log(_SCANS / usual) ** 2 / (2 * _RATE_SPREAD**2))[:, None]
    weight = np.exp(evidence - evidence.max()).ravel()

    drawn = rng.choice(len(weight), _DRAWS, p=weight / weight.sum())
    scans, power = np.divmod(drawn, len(_POWERS))
    sizes = np.empty((len(relative), _DRAWS))
    for row, one in enumerate(relative):
        upto = np.cumsum(one[scans] * falls[power], axis=1)
        sizes[row] = _SIZES[(upto < rng.random((_DRAWS, 1)) * upto[:, -1:]).sum(axis=1)]
    return sizes


def _log_likelihood(scans: Floats, overlaps: Floats, expected: Floats, looks: Floats) -> Floats:
    """Of each group, by the scans of one phone and by the number of phones."""
    size, each = _SIZES[None, None, :], _SCANS[None, :, None]

    mean = size * each
    variance = (_PHONE_SPREAD**2 + size * _MODEL_SPREAD**2) * size * each**2 + mean
    squared = np.log1p(variance / mean**2)
    of_scans = -((np.log(scans / mean) + squared / 2) ** 2) / (2 * squared) - np.log(squared) / 2

    by_chance = _poisson(overlaps, (1 - 1 / size) * expected + 0.02)
    in_turn = np.where(overlaps > 0, 1 / np.maximum(overlaps * (overlaps + 1), 1), 0)
    of_overlaps = np.log((1 - _INTERLEAVED) * by_chance + _INTERLEAVED * in_turn + _LEAST)

    of_looks = np.log(
        _poisson(looks - 1, _OTHER_LOOKS + _NEW_LOOKS[0] * (size - 1))
        + _poisson(looks - 1, _OTHER_LOOKS + _NEW_LOOKS[1] * (size - 1))
        + _LEAST
    )
    # One scan is one phone, whatever else is said.
    of_one = np.where((scans <= 1) & (size > 1), math.log(_LEAST), 0.0)
    sum_of_logs: Floats = of_scans + of_overlaps + of_looks + of_one
    return sum_of_logs


def _poisson(events: Floats, mean: Floats) -> Floats:
    log_factorial = np.array([math.lgamma(each + 1) for each in events.ravel()])
    log = events * np.log(mean) - mean - log_factorial.reshape(events.shape)
    probability: Floats = np.exp(log)
    return probability
