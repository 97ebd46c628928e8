"""Remembers which device an address or a look stood for, from window to window.

Arrays in, arrays out; a `Names` is never changed, so that whoever keeps one can go on from
that moment, however often.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[Any]
"""Rows of `_ROW`."""

# Phones probe every 5 to 300 s: the sleepiest of them may go unheard twice.
_SILENCE_US = 900 * 1_000_000

_NEVER = np.iinfo(np.int64).max
_ROW = np.dtype(
    [
        ("value", "i8"),  # pseudonym of an address or of a look
        ("device", "i8"),  # which it stands for; -1: none
        ("first_us", "i8"),
        ("last_us", "i8"),
        ("stays", "?"),  # an address from the factory: silence does not make it another's
        ("owns", "?"),  # a settled one: the device is its own
    ]
)


class Edges(NamedTuple):
    """What was heard: a row for each address and look of a window, by first appearance."""

    addresses: Ints
    """The pseudonyms that `address` numbers."""
    looks: Ints
    """The pseudonyms that `look` numbers."""
    window: Ints
    address: Ints
    look: Ints
    sender: Ints
    """Numbers the addresses, those of each window apart."""
    look_there: Ints
    """Numbers the looks, those of each window apart."""
    made_up: Bools
    """The address."""
    sender_first_us: Ints
    sender_last_us: Ints
    look_first_us: Ints
    last_us: Ints
    in_end_order: Ints
    """The rows in order of `last_us`."""
    sightings: Ints
    settled: Bools
    """Whether the address names its device by itself."""


class Names(NamedTuple):
    """What is remembered after a window."""

    addresses: Rows
    looks: Rows
    devices: int
    """How many there were so far; they are numbered from 0."""

    def lasting(self, edges: Edges, after_us: int) -> Bools:
        """Of which edges the address is from the factory, and first heard so long before."""
        first_us = _recalled(self.addresses, edges.addresses)["first_us"]
        np.minimum.at(first_us, edges.address, edges.sender_first_us)
        lasts: Bools = edges.sender_last_us - first_us[edges.address] >= after_us
        return lasts & ~edges.made_up

    def followed(self, edges: Edges, group: Ints) -> tuple[Ints, "Names"]:
        """Say which device each edge is of, and what is to be remembered.

        Args:
            edges: of one or more windows, later than what is remembered.
            group: which edges of a window are one device: numbers from 0 up, in order of
                first appearance.
        """
        work = _Work(self, edges)
        starts = np.flatnonzero(np.diff(edges.window, prepend=-1))
        for begin, end in zip(starts, [*starts[1:], len(edges.window)], strict=True):
            rows = slice(begin, end)
            work.name(rows, group[rows] - group[begin])
        since_us = int(edges.last_us.max()) - _SILENCE_US
        return work.device, Names(
            _kept(self.addresses, work.addresses, since_us),
            _kept(self.looks, work.looks, since_us),
            work.devices,
        )


NOBODY = Names(np.empty(0, _ROW), np.empty(0, _ROW), 0)


class _Work:
    """Names the groups of one window after the other."""

    def __init__(self, names: Names, edges: Edges) -> None:
        self.addresses = _recalled(names.addresses, edges.addresses)
        self.looks = _recalled(names.looks, edges.looks)
        self.device = np.empty(len(edges.window), np.int64)
        self.devices = names.devices
        self._edges = edges
        self.addresses["stays"][edges.address] = ~edges.made_up
        np.minimum.at(self.addresses["first_us"], edges.address, edges.sender_first_us)
        self._owned = set(names.addresses["device"][names.addresses["owns"]].tolist())

    def name(self, rows: slice, group: Ints) -> None:
        settled, address = self._edges.settled[rows], self._edges.address[rows]
        chosen = np.full(int(group.max()) + 1, -1)
        is_named = settled & self.addresses["owns"][address]
        chosen[group[is_named]] = self.addresses["device"][address[is_named]]
        is_settled = np.zeros(len(chosen), np.bool_)
        is_settled[group[settled]] = True
        heirs = self._heirs(rows)
        self._inherit(chosen, group, heirs, self._edges.sightings[rows], is_settled)
        fresh = np.flatnonzero(chosen < 0)
        chosen[fresh] = np.arange(self.devices, self.devices + len(fresh))
        self.devices += len(fresh)
        self.device[rows] = chosen[group]
        self._keep(rows)

    def _heirs(self, rows: slice) -> Ints:
        """Which device each edge goes on as, by its address or else by its look."""
        edges, addresses, looks = self._edges, self.addresses, self.looks
        address, look = edges.address[rows], edges.look[rows]
        recent = edges.sender_first_us[rows] - addresses["last_us"][address] <= _SILENCE_US
        by_address = np.where(
            addresses["stays"][address] | recent, addresses["device"][address], -1
        )
        recent = edges.look_first_us[rows] - looks["last_us"][look] <= _SILENCE_US
        by_look = np.where(recent, looks["device"][look], -1)
        return np.where(by_address >= 0, by_address, by_look)

    def _inherit(
        self, chosen: Ints, group: Ints, heir: Ints, sightings: Ints, is_settled: Bools
    ) -> None:
        """Let groups go on as a device, those with most sightings of it first."""
        known = heir >= 0
        claims, of_edge = np.unique(group[known] * self.devices + heir[known], return_inverse=True)
        votes = np.bincount(of_edge, weights=sightings[known])
        of_group, device = np.divmod(claims, max(self.devices, 1))
        used = set(chosen[chosen >= 0].tolist())
        order = np.argsort(-votes, kind="stable")
        for number, heir_of in zip(of_group[order].tolist(), device[order].tolist(), strict=True):
            is_free = heir_of not in used and not (is_settled[number] and heir_of in self._owned)
            if chosen[number] < 0 and is_free:
                chosen[number] = heir_of
                used.add(heir_of)

    def _keep(self, rows: slice) -> None:
        edges, device = self._edges, self.device
        address, settled = edges.address[rows], edges.settled[rows]
        self.addresses["device"][address] = device[rows]
        self.addresses["last_us"][address] = edges.sender_last_us[rows]
        self.addresses["owns"][address[settled]] = True
        self._owned.update(device[rows][settled].tolist())
        newest_last = edges.in_end_order[rows]
        self.looks["device"][edges.look[newest_last]] = device[newest_last]
        self.looks["last_us"][edges.look[newest_last]] = edges.last_us[newest_last]


def _recalled(memory: Rows, values: Ints) -> Rows:
    """A row for each of `values`: what is remembered of it, or that nothing is."""
    found = np.zeros(len(values), _ROW)
    found["value"], found["device"] = values, -1
    found["first_us"], found["last_us"] = _NEVER, -_NEVER
    if len(memory):
        place = np.minimum(np.searchsorted(memory["value"], values), len(memory) - 1)
        known = memory["value"][place] == values
        found[known] = memory[place[known]]
    return found


def _kept(memory: Rows, heard: Rows, since_us: int) -> Rows:
    """What goes on being remembered, in order of value."""
    memory, heard = (
        rows[rows["stays"] | (rows["last_us"] >= since_us)] for rows in (memory, heard)
    )
    rows = np.concatenate([memory[~np.isin(memory["value"], heard["value"])], heard])
    return rows[np.argsort(rows["value"])]
