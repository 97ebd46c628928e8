"""What of a group's sightings tells how many phones it is. Arrays in, arrays out.

Bursts of one radio do not overlap; a phone makes only so many scans; looks of one kind that
never share an address are seldom of one phone; and signals (`analytics.devices.signals`).
`analytics.devices.crowds` weighs them.
"""

from typing import NamedTuple

import numpy as np

from analytics.devices import linking, signals
from analytics.devices.linking import Bools, Floats, Ints

# A burst is over when its address has been silent for so long. Frames of one scan are
# milliseconds to a second apart, scans of one phone mostly ten seconds and more.
_BURST_S = 5.0

# New addresses so close belong to one scan; those up to three times as far tell how many
# are close by chance. Bursts that might have overlapped are looked for within a minute.
_SCAN_S = 10.0
_AROUND_S = 60.0


class Sightings(NamedTuple):
    """Linked sightings in any order: columns of one length."""

    heard_at_s: Floats
    """Since any moment."""
    address: Ints
    """Pseudonyms of the senders' addresses."""
    fingerprint: Ints
    """Pseudonyms of what the probe requests looked like."""
    signal_dbm: Floats
    """NaN where the sensor does not tell."""
    frequency_mhz: Ints
    """Of the channel, 0 where the sensor does not tell."""
    group: Ints
    """Which group each sighting is of, as `linking.link` says: labels 0 and up."""
    settled: Bools
    """Whether the address names its device (`linking.settled`)."""


class Evidence(NamedTuple):
    """What tells how many phones a group is: an entry for each group."""

    scans: Floats
    minutes: Floats
    """From the first sighting to the last."""
    overlaps: Floats
    expected_overlaps: Floats
    """If bursts came at random."""
    looks: Floats
    of_signals: Floats
    """Log likelihoods, by scale and size."""


def measure(sightings: Sightings, sizes: Floats) -> Evidence:
    """Look at all groups that are more than an address from the factory.

    Args:
        sightings: of all groups.
        sizes: the numbers of phones that `Evidence.of_signals` is about.
    """
    look = linking.connected(sightings.address, sightings.fingerprint)
    made_up = ~sightings.settled
    groups, group = np.unique(sightings.group[made_up], return_inverse=True)
    order = np.argsort(sightings.group, kind="stable")
    bounds = np.searchsorted(sightings.group[order], [groups, groups + 1])
    parts = [order[start:end] for start, end in bounds.T]
    bursts = [_bursts(sightings.heard_at_s[rows], sightings.address[rows]) for rows in parts]
    scans, minutes, overlaps, expected = np.array(bursts, dtype=np.float64).reshape(-1, 4).T
    looks = np.array([len(np.unique(look[rows])) for rows in parts], dtype=np.float64)
    of_signals = signals.log_likelihood(
        sightings.heard_at_s[made_up],
        sightings.address[made_up],
        group,
        sightings.signal_dbm[made_up],
        sightings.frequency_mhz[made_up],
        scans=scans,
        sizes=sizes,
    )
    return Evidence(scans, minutes, overlaps, expected, looks, of_signals)


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
