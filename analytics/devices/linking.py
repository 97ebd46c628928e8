"""Links sightings under changing addresses into devices. Arrays in, labels out; no clock.

A phone changes its address as often as every second, but while it holds one it may send
probe requests of several looks, and one look goes out under many addresses. So within a
window, all that hangs together by a shared address or a shared fingerprint is taken for
one device: a connected component of the graph of addresses and fingerprints.

Addresses from the factory say more. One that has been heard for a minute or longer names
its device by itself, and so keeps 14 PCs of one model apart. The minute matters: some
devices make up addresses without saying so, and those do not last.

Windows are followed in order of time, and what is remembered between them is little:
`follow` takes the windows that come next, however many, and gives the same labels as one
window after the other.

What it cannot do: tell apart two phones of one model and version that are near at the
same time and change their addresses. They merge, so that a count levels off at the number
of different looks around. `analytics.devices.crowds` says how many such a device may be.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.devices.names import NOBODY, Edges, Names

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Made-up addresses of devices that pretend to use their factory's last for a burst.
_SETTLED_AFTER_S = 60
_SETTLED_AFTER_US = _SETTLED_AFTER_S * 1_000_000


class Heard(NamedTuple):
    """Sightings in order of time."""

    heard_at_us: Ints
    address: Ints
    """Pseudonyms of the senders' addresses."""
    fingerprint: Ints
    """Pseudonyms of what the probe requests looked like."""
    randomised: Bools
    """Whether the phone made the address up."""


class Linked(NamedTuple):
    device: Ints
    """Which device each sighting is of."""
    edge: Ints
    """Numbers its address and its look together, those of each window apart."""
    names: Names
    """What is to be remembered."""


def codes(values: Ints) -> tuple[Ints, Ints]:
    """Numbers values 0 and up in order of first appearance: the numbers, and each one's value.

    `pandas.factorize` takes a tenth of the time, and 25 MiB for as long as a program runs.
    """
    found, first, code = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[code], found[order]


def link(
    heard_at_s: Floats,
    address: Ints,
    fingerprint: Ints,
    window_s: int,
    *,
    randomised: Bools | None = None,
) -> Ints:
    """Say which device each sighting is of.

    A device keeps its label from one window to the next while its address or its
    fingerprint does. After a quarter of an hour of silence a fingerprint, and an address
    that was made up, stand for another one; an address from the factory never does. Two
    devices of one window never get the same label.

    Args:
        heard_at_s: when, in seconds since any moment; in any order.
        address: pseudonyms of the senders' addresses.
        fingerprint: pseudonyms of what the probe requests looked like.
        window_s: length of the windows, which start at multiples of it.
        randomised: whether the phone made the address up; None takes all for made up.

    Returns:
        A label for each sighting, 0 and up, in order of first appearance.
    """
    made_up = np.ones(len(address), np.bool_) if randomised is None else randomised
    order = np.argsort(heard_at_s, kind="stable")
    at_us = np.round(heard_at_s[order] * 1e6).astype(np.int64)
    heard = Heard(at_us, address[order], fingerprint[order], made_up[order])
    linked = follow(NOBODY, heard, window_s * 1_000_000)
    label = np.empty(len(order), np.int64)
    label[order] = codes(linked.device)[0]
    return label


def settled(heard_at_s: Floats, address: Ints, randomised: Bools | None) -> Bools:
    """Which sightings carry an address that names its device: from the factory, and lasting."""
    if randomised is None or not len(address):
        return np.zeros(len(address), dtype=np.bool_)
    address, values = codes(address)
    first = np.full(len(values), np.inf)
    last = np.full(len(first), -np.inf)
    np.minimum.at(first, address, heard_at_s)
    np.maximum.at(last, address, heard_at_s)
    lasts: Bools = last - first >= _SETTLED_AFTER_S
    return lasts[address] & ~randomised


def follow(names: Names, heard: Heard, window_us: int) -> Linked:
    """Say which device each sighting is of, given who was there before.

    Args:
        names: what is remembered of the windows before; `names.NOBODY` to begin with.
        heard: all sightings of one or more windows, later than what came before.
        window_us: length of the windows, which start at multiples of it.
    """
    if not len(heard.heard_at_us):
        return Linked(np.empty(0, np.int64), np.empty(0, np.int64), names)
    of_row, edges = _edges(heard, window_us)
    edges = edges._replace(settled=names.lasting(edges, _SETTLED_AFTER_US))
    device, names = names.followed(edges, _groups(edges))
    return Linked(device[of_row], of_row, names)


def _edges(heard: Heard, window_us: int) -> tuple[Ints, Edges]:
    """Which edge of the graph each sighting is, and the edges."""
    at_us = heard.heard_at_us
    address, addresses = codes(heard.address)
    look, looks = codes(heard.fingerprint)
    pair, pairs = codes(address * len(looks) + look)
    window = at_us // window_us
    of_row, edges = codes((window - window[0]) * len(pairs) + pair)
    window, pair = np.divmod(edges, len(pairs))
    address, look = np.divmod(pairs[pair], len(looks))
    rows = np.arange(len(of_row))
    first, last = np.empty((2, len(edges)), np.int64)
    # What is assigned twice keeps the later value.
    first[of_row[::-1]], last[of_row] = rows[::-1], rows
    sender = codes(window * len(addresses) + address)[0]
    sender_first, sender_last = np.empty((2, len(edges)), np.int64)
    in_end_order = np.argsort(last)
    sender_first[sender[::-1]] = at_us[first[::-1]]
    sender_last[sender[in_end_order]] = at_us[last[in_end_order]]
    look_there = codes(window * len(looks) + look)[0]
    look_first = np.empty(len(edges), np.int64)
    look_first[look_there[::-1]] = at_us[first[::-1]]
    return of_row, Edges(
        addresses=addresses,
        looks=looks,
        window=window,
        address=address,
        look=look,
        sender=sender,
        look_there=look_there,
        made_up=heard.randomised[first],
        sender_first_us=sender_first[sender],
        sender_last_us=sender_last[sender],
        look_first_us=look_first[look_there],
        last_us=at_us[last],
        in_end_order=in_end_order,
        sightings=np.bincount(of_row),
        settled=np.zeros(len(edges), np.bool_),
    )


def _groups(edges: Edges) -> Ints:
    """A number for what hangs together in each window, in order of first appearance.

    A settled address is a group by itself. A component of other addresses that looks like
    exactly one settled address is that device under another address.
    """
    component = np.full(int(edges.look_there.max()) + 1, -1)
    loose = ~edges.settled
    component[edges.look_there[loose]] = _connected(
        codes(edges.sender[loose])[0], edges.look_there[loose]
    )
    senders = int(edges.sender.max()) + 1
    of_edge = component[edges.look_there]
    shared = edges.settled & (of_edge >= 0)
    like, owner = np.divmod(codes(of_edge[shared] * senders + edges.sender[shared])[1], senders)
    is_alone = np.bincount(like, minlength=1)[like] == 1
    name = np.arange(len(component)) + senders
    name[like[is_alone]] = owner[is_alone]
    return codes(np.where(edges.settled, edges.sender, name[of_edge]))[0]


def connected(left: Ints, right: Ints) -> Ints:
    """Components of a bipartite graph, a number for each edge: what hangs together has one."""
    return _connected(codes(left)[0], codes(right)[0])


def _connected(left: Ints, right: Ints) -> Ints:
    """As `connected`, of numbers from 0 up: the lowest one spreads."""
    if not len(left):
        return right
    label = np.arange(int(right.max()) + 1)
    while True:
        lowest = np.full(int(left.max()) + 1, len(label))
        np.minimum.at(lowest, left, label[right])
        spread = label.copy()
        np.minimum.at(spread, right, lowest[left])
        spread = spread[spread]
        if np.array_equal(spread, label):
            return label[right]
        label = spread
