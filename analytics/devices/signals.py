"""How likely the signal of a group's sweeps is if it is one phone, or two, or more.

A phone that lies still is heard at one strength, one that is carried about at some near it;
two phones in a room are mostly further apart. So each sweep of a group is compared with the
next two:

    sweeps of one phone   -61  -63  -61  -60  -62        apart by 2 0, 2 3, 1 1, 2
    of two                -61  -78  -60  -79  -62        apart by 17 1, 18 1, 19 2, 17

Of N phones that are there together, a share of 1/N of such pairs is of the same one. How far
apart sweeps of different phones are shows in the whole capture. How far those of one are is
one of a few scales, and not said here: lying still in a laboratory 1 dB, in hands, in pockets
and with a sensor that hops over the channels up to 7. An address that comes again shows it.

A sweep is what a phone sends on its way over the channels: the next frame of the group comes
within a second. Its signal on a channel is that of its strongest frame, as a sensor hears
neighbouring channels, too, but more faintly. Arrays in, arrays out.
"""

import math
from typing import NamedTuple

import numpy as np

from analytics.devices.linking import Bools, Floats, Ints

SCALES_DB = np.geomspace(1.0, 7.0, 4)
"""How far apart sweeps of one phone may typically be in one place."""

# How far one phone's scale is from the place's, in logarithms.
_PHONES_DIFFER = math.log(2)

_SWEEP_S = 1.0
# A sweep is compared with so many of those that begin ten seconds later, which are mostly
# of another scan. With one alone, two phones that take turns by the clock would never agree.
_LATER_S = 10.0
_COMPARED = 2

# The share of pairs between which a phone is moved or turned; and that of phones of which
# any share may be, since they move all the time or send by two antennas.
_MOVED, _RESTLESS = 0.2, 0.05
_ANY_SHARE = np.linspace(0.05, 0.95, 10)
# Of Student's distribution: a longer tail than noise.
_FREEDOM = 6.0

# What is taken for the spread of signals in a place before anything is heard there: as much
# as that of 22 phones, and worth so many sweeps.
_SPREAD_DB, _WORTH = 7.0, 10
# The chance of any distance, a decibel: so that no single pair decides.
_ANY = 1e-4


class _Sweeps(NamedTuple):
    """Sorted by group and channel, there by time."""

    at_s: Floats
    address: Ints
    """Of the strongest frame."""
    group: Ints
    channel: Ints
    """Numbered anew for each group."""
    signal_db: Floats
    """Above the mean of its frequency."""


class _Pairs(NamedTuple):
    """Sweeps that are compared."""

    apart_db: Floats
    same_address: Bools
    group: Ints


def log_likelihood(
    heard_at_s: Floats,
    address: Ints,
    group: Ints,
    signal_dbm: Floats,
    frequency_mhz: Ints,
    *,
    scans: Floats,
    sizes: Floats,
) -> Floats:
    """For each group, each of `SCALES_DB` and each number of phones.

    Args:
        heard_at_s: when, in seconds since any moment; in any order.
        address: pseudonyms of the senders' addresses.
        group: 0 and up; an entry of `scans` for each.
        signal_dbm: NaN where the sensor does not tell.
        frequency_mhz: of the channel, 0 where the sensor does not tell.
        scans: what all pairs of a group are worth together, plus one.
        sizes: numbers of phones to ask about.
    """
    found = np.zeros((len(scans), len(SCALES_DB), len(sizes)))
    told = ~np.isnan(signal_dbm)
    if not told.any():
        return found
    sweeps = _sweeps(
        heard_at_s[told], address[told], group[told], signal_dbm[told], frequency_mhz[told]
    )
    one, other = _compared(sweeps)
    pairs = _Pairs(
        np.abs(sweeps.signal_db[one] - sweeps.signal_db[other]),
        sweeps.address[one] == sweeps.address[other],
        sweeps.group[one],
    )
    number = np.bincount(pairs.group, minlength=len(scans))
    worth = np.clip((scans - 1) / np.maximum(number, 1), 0, 1)
    spread_db = _spread_db(sweeps.signal_db)
    for nth, scale_db in enumerate(SCALES_DB):
        found[:, nth] = _by_size(pairs, scale_db, spread_db, worth, sizes)
    return _by_place(found)


def _by_size(
    pairs: _Pairs, scale_db: float, spread_db: float, worth: Floats, sizes: Floats
) -> Floats:
    """The same for one scale of the phones."""
    # Where all signals are nearly the same, they tell nothing apart.
    of_two = _of_two(pairs.apart_db, max(spread_db, scale_db))
    of_one = (1 - _MOVED) * _of_one(pairs.apart_db, scale_db) + _MOVED * of_two
    ratio = np.where(pairs.same_address, 1, of_two / of_one)
    shares = np.append(1 / sizes, _ANY_SHARE)  # of pairs of the same phone
    logs = [np.log(of_one), *(np.log(share + (1 - share) * ratio) for share in shares)]
    at_least, *more = (worth * np.bincount(pairs.group, log, len(worth)) for log in logs)
    of_sizes, of_any = np.split(np.stack(more, axis=1), [len(sizes)], axis=1)
    restless = np.logaddexp.reduce(of_any, axis=1, keepdims=True) - math.log(len(_ANY_SHARE))
    either = np.logaddexp(math.log(1 - _RESTLESS) + of_sizes, math.log(_RESTLESS) + restless)
    found: Floats = at_least[:, None] + either
    return found


def _by_place(by_phone: Floats) -> Floats:
    """By the scale of the place, where it was by the scale of the phone."""
    steps = np.log(SCALES_DB)
    chance = np.exp(-((steps[:, None] - steps) ** 2) / (2 * _PHONES_DIFFER**2))
    chance /= chance.sum(axis=1, keepdims=True)
    by_place: Floats = np.logaddexp.reduce(by_phone[:, None] + np.log(chance)[..., None], axis=2)
    return by_place


def _sweeps(
    at_s: Floats, address: Ints, group: Ints, signal_dbm: Floats, frequency_mhz: Ints
) -> _Sweeps:
    frequency = np.unique(frequency_mhz, return_inverse=True)[1]
    order = np.lexsort((at_s, group))
    begins = _changes(group[order]) | (np.diff(at_s[order], prepend=-np.inf) > _SWEEP_S)
    sweep = np.empty(len(order), dtype=np.int64)
    sweep[order] = np.cumsum(begins)

    order = np.lexsort((-signal_dbm, sweep, frequency, group))
    strongest = order[_changes(sweep[order]) | _changes(frequency[order])]
    frequency, strength = frequency[strongest], signal_dbm[strongest]
    mean = np.bincount(frequency, strength) / np.maximum(np.bincount(frequency), 1)
    group = group[strongest]
    channel = np.cumsum(_changes(group) | _changes(frequency), dtype=np.int64)
    above_mean = strength - mean[frequency]
    return _Sweeps(at_s[strongest], address[strongest], group, channel, above_mean)


def _changes(values: Ints) -> Bools:
    changes: Bools = np.diff(values, prepend=-1) != 0
    return changes


def _compared(sweeps: _Sweeps) -> tuple[Ints, Ints]:
    """Pairs of sweeps of one group on one channel."""
    since_s = sweeps.at_s - sweeps.at_s.min()
    key = sweeps.channel * (float(since_s.max()) + 2 * _LATER_S) + since_s
    next_one = np.searchsorted(key, key + _LATER_S)
    both = np.concatenate(
        [np.stack([np.arange(len(key)), next_one + nth]) for nth in range(_COMPARED)], axis=1
    )
    both = both[:, both[1] < len(key)]
    one, other = both[:, sweeps.channel[both[0]] == sweeps.channel[both[1]]]
    return one, other


def _of_one(apart_db: Floats, scale_db: float) -> Floats:
    """The density of how far two sweeps of one phone are apart: Student's, folded."""
    log_gammas = math.lgamma((_FREEDOM + 1) / 2) - math.lgamma(_FREEDOM / 2)
    highest = 2 * math.exp(log_gammas) / math.sqrt(_FREEDOM * math.pi) / scale_db
    density: Floats = highest * (1 + (apart_db / scale_db) ** 2 / _FREEDOM) ** (-(_FREEDOM + 1) / 2)
    return density


def _of_two(apart_db: Floats, spread_db: float) -> Floats:
    """The same of two phones: normal, folded."""
    density: Floats = np.exp(-((apart_db / spread_db) ** 2) / 2)
    return math.sqrt(2 / math.pi) / spread_db * density + _ANY


def _spread_db(signal_db: Floats) -> float:
    """How far apart any two sweeps of this place are."""
    squares = float((signal_db**2).sum()) + _WORTH * _SPREAD_DB**2
    return math.sqrt(2 * squares / (len(signal_db) + _WORTH))
