"""Links sightings under changing addresses into devices. Arrays in, labels out; no clock.

A phone changes its address as often as every second, but while it holds one it may send
probe requests of several looks, and one look goes out under many addresses. So within a
window, all that hangs together by a shared address or a shared fingerprint is taken for
one device: a connected component of the graph of addresses and fingerprints.

Addresses from the factory say more. One that is heard for a minute or longer names its
device by itself, and so keeps 14 PCs of one model apart. The minute matters: some devices
make up addresses without saying so, and those do not last.

What it cannot do: tell apart two phones of one model and version that are near at the
same time and change their addresses. They merge, so that a count levels off at the number
of different looks around. `analytics.crowds` says how many such a device may be.
"""

import dataclasses
import math

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Phones probe every 5 to 300 s: the sleepiest of them may go unheard twice.
_SILENCE_S = 900

# Made-up addresses of devices that pretend to use their factory's last for a burst.
_SETTLED_AFTER_S = 60


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
    fingerprint does. A fingerprint stands for another one after a quarter of an hour of
    silence; an address that was made up, after less than a window more; one from the
    factory never does. Two devices of one window never get the same label.

    Args:
        heard_at_s: when, in seconds since any moment; in any order.
        address: pseudonyms of the senders' addresses.
        fingerprint: pseudonyms of what the probe requests looked like.
        window_s: length of the windows, which start at multiples of it.
        randomised: whether the phone made the address up; None takes all for made up.

    Returns:
        A label for each sighting, 0 and up, in order of first appearance.
    """
    if not len(heard_at_s):
        return np.empty(0, dtype=np.int64)
    window = (heard_at_s // window_s).astype(np.int64)
    address = _dense(address)
    heard = _Heard(
        window - window.min(),
        address,
        _without_silence(_dense(fingerprint), heard_at_s),
        settled(heard_at_s, address, randomised),
    )
    device = _followed(heard, _components(heard), math.ceil(_SILENCE_S / window_s))
    return _by_first_appearance(device, heard_at_s)


@dataclasses.dataclass(frozen=True, slots=True)
class _Heard:
    """The sightings' columns; addresses and looks numbered 0 and up without holes."""

    window: Ints
    address: Ints
    look: Ints
    settled: Bools

    @property
    def addresses(self) -> int:
        return int(self.address.max()) + 1

    @property
    def looks(self) -> int:
        return int(self.look.max()) + 1


def _dense(values: Ints) -> Ints:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _without_silence(fingerprint: Ints, heard_at_s: Floats) -> Ints:
    """Number a fingerprint anew after a silence: what comes then is another phone."""
    order = np.lexsort((heard_at_s, fingerprint))
    begins = np.diff(heard_at_s[order], prepend=-np.inf) > _SILENCE_S
    begins |= np.diff(fingerprint[order], prepend=-1) != 0
    look = np.empty(len(order), dtype=np.int64)
    look[order] = np.cumsum(begins) - 1
    return look


def settled(heard_at_s: Floats, address: Ints, randomised: Bools | None) -> Bools:
    """Which sightings carry an address that names its device: from the factory, and lasting."""
    if randomised is None or not len(address):
        return np.zeros(len(address), dtype=np.bool_)
    address = _dense(address)
    first = np.full(int(address.max()) + 1, np.inf)
    last = np.full(len(first), -np.inf)
    np.minimum.at(first, address, heard_at_s)
    np.maximum.at(last, address, heard_at_s)
    lasts: Bools = last - first >= _SETTLED_AFTER_S
    return lasts[address] & ~randomised


def _components(heard: _Heard) -> Ints:
    """A number for what hangs together in each window.

    A settled address has its own number in all windows. A component of other addresses
    that looks like exactly one settled address is that device under another address.
    """
    sender = _dense(heard.window * heard.addresses + heard.address)
    look = _dense(heard.window * heard.looks + heard.look)
    component = np.full(int(look.max()) + 1, -1)
    loose = ~heard.settled
    component[look[loose]] = _connected(_dense(sender[loose]), _dense(look[loose]))

    pairs = np.stack([component[look], heard.address])[:, heard.settled]
    like, owner = np.unique(pairs[:, pairs[0] >= 0], axis=1)
    like, first, owners = np.unique(like, return_index=True, return_counts=True)
    name = np.arange(int(component.max()) + 2) + heard.addresses
    name[like[owners == 1]] = owner[first[owners == 1]]
    return np.where(heard.settled, heard.address, name[component[look]])


def connected(left: Ints, right: Ints) -> Ints:
    """Components of a bipartite graph, a number for each edge: what hangs together has one."""
    return _connected(_dense(left), _dense(right))


def _connected(left: Ints, right: Ints) -> Ints:
    """As `connected`, of dense numbers: the lowest one spreads."""
    if not len(left):
        return right
    edges = np.unique(np.stack([left, right]), axis=1)
    label = np.arange(int(right.max()) + 1)
    while True:
        lowest = np.full(int(left.max()) + 1, len(label))
        np.minimum.at(lowest, edges[0], label[edges[1]])
        spread = label.copy()
        np.minimum.at(spread, edges[1], lowest[edges[0]])
        spread = spread[spread]
        if np.array_equal(spread, label):
            return label[right]
        label = spread


def _followed(heard: _Heard, component: Ints, memory: int) -> Ints:
    """Carry names from each window to those up to `memory` windows later."""
    by_address, by_look = _Memory(heard.addresses), _Memory(heard.looks)
    device = np.empty_like(component)
    unused = int(component.max()) + 1
    order = np.argsort(heard.window, kind="stable")
    starts = np.flatnonzero(np.diff(heard.window[order], prepend=-1))
    for rows in np.split(order, starts[1:]):
        now, address, look = int(heard.window[rows[0]]), heard.address[rows], heard.look[rows]
        heir = by_address.recall(address, now - memory)
        heir = np.where(heir >= 0, heir, by_look.recall(look, now - memory))
        names, group = np.unique(component[rows], return_inverse=True)
        chosen = _inherited(names, group, heir, heard.addresses)
        fresh = chosen < 0
        chosen[fresh] = np.arange(unused, unused + int(fresh.sum()))
        unused += int(fresh.sum())
        device[rows] = chosen[group]
        by_address.keep(address, device[rows], now)
        by_look.keep(look, device[rows], now)
    return device


class _Memory:
    """Which device had a value in the newest window that the value was heard in."""

    def __init__(self, size: int) -> None:
        self._device = np.full(size, -1)
        self._window = np.full(size, np.iinfo(np.int64).min)

    def recall(self, values: Ints, since: int) -> Ints:
        return np.where(self._window[values] >= since, self._device[values], -1)

    def keep(self, values: Ints, devices: Ints, window: int) -> None:
        self._device[values] = devices
        self._window[values] = window


def _inherited(names: Ints, group: Ints, heir: Ints, addresses: int) -> Ints:
    """Which device each component goes on as, -1 for none: most sightings choose first."""
    chosen = np.where(names < addresses, names, -1)
    used = set(chosen.tolist())
    claims, votes = np.unique(np.stack([group, heir])[:, heir >= 0], axis=1, return_counts=True)
    for component, device in claims[:, np.argsort(-votes, kind="stable")].T.tolist():
        if chosen[component] < 0 and device not in used:
            chosen[component] = device
            used.add(device)
    return chosen


def _by_first_appearance(device: Ints, heard_at_s: Floats) -> Ints:
    names = _dense(device)
    first = np.full(int(names.max()) + 1, np.inf)
    np.minimum.at(first, names, heard_at_s)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[names]
