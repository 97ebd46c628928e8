"""Tells makes of phone apart: which sightings could be of one phone. Arrays in, labels out.

Phones of one model and system send the same, so all of them are one make. A phone has several
looks, and shows some under one address: looks that share addresses over the day are one make.
An address from the factory that lasts is a make by itself.
"""

from typing import NamedTuple

import numpy as np

from analytics.devices import linking
from analytics.devices.linking import Bools, Floats, Ints

# Short pseudonyms meet by chance, some a day: one address in common is no sign.
_LEAST_SHARED = 2
_SETTLED_AFTER_S = 60.0


class Makes(NamedTuple):
    of_each: Ints
    """The make of each sighting, 0 and up."""
    is_shared: Bools
    """Of each make, whether several phones may be of it."""


def tell_apart(heard_at_s: Floats, address: Ints, fingerprint: Ints, randomised: Bools) -> Makes:
    """The makes in one day's sightings.

    Args:
        heard_at_s: when, in seconds since any moment; in any order.
        address: pseudonyms of the senders' addresses.
        fingerprint: pseudonyms of what the probe requests looked like.
        randomised: whether the phone made the address up.
    """
    sender, address = np.unique(address, return_inverse=True)
    shown, look = np.unique(fingerprint, return_inverse=True)
    first = np.full(len(sender), np.inf)
    last = np.full(len(sender), -np.inf)
    np.minimum.at(first, address, heard_at_s)
    np.maximum.at(last, address, heard_at_s)
    settled = ((last - first) >= _SETTLED_AFTER_S)[address] & ~randomised
    make = np.where(settled, len(shown) + address, _of_looks(address, look, len(shown))[look])
    found, of_each = np.unique(make, return_inverse=True)
    return Makes(of_each.astype(np.int64), found < len(shown))


def _of_looks(address: Ints, look: Ints, looks: int) -> Ints:
    """The make of each look."""
    shown = np.unique(address * looks + look)
    under, look = shown // looks, shown % looks
    follows = np.flatnonzero(np.diff(under) == 0)
    together, times = np.unique(look[follows] * looks + look[follows + 1], return_counts=True)
    together = together[times >= _LEAST_SHARED]
    pairs = np.arange(len(together))
    # Each look is joined to itself, so that each has a make.
    alone = np.arange(looks)
    joined = linking.connected(
        np.r_[len(pairs) + alone, pairs, pairs],
        np.r_[alone, together // looks, together % looks],
    )
    return joined[:looks]
