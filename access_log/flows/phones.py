"""Whose a flow is: the phone's hardware address, by the flow's mark or by its IP address. Pure.

A mark is made from the hardware address (`gate.membership`): of the phones that are on the network,
the one whose mark it is has opened the flow, whatever IP address it used. Flows before login have
none; of these the kernel's table of neighbours tells whose the IP address was.
"""

import ipaddress
import sys
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from access_log.flows import records
from access_log.flows.records import Rows
from access_log.flows.rtnetlink import IpNetwork, Neighbour
from core.mac import Mac
from gate import membership

PASS_BIT = 1 << 31
_NOBODY = bytes(6)


def mark_of(mac: Mac) -> int:
    """The mark of what a phone opens while it is online; with `PASS_BIT` more by a pass."""
    return int.from_bytes(membership.marks_of(mac.octets)[0], sys.byteorder)


class Phones:
    def __init__(self) -> None:
        self._by_mark: dict[int, bytes] = {}
        self._by_address: dict[bytes, bytes] = {}

    def learn(self, neighbours: Iterable[Neighbour]) -> None:
        """All that are neighbours now. Who was one stays known by its mark, for a day or so."""
        self._by_address = {records.octets_of(each.address): each.mac.octets for each in neighbours}
        self._by_mark |= {mark_of(Mac(octets)): octets for octets in self._by_address.values()}

    def forget(self) -> None:
        """Those who are not here any more."""
        self._by_mark.clear()

    def name(self, rows: Rows) -> int:
        """Write into each row whose it is; how many are nobody's that is known."""
        marks, which = np.unique(rows["mark"] & np.uint32(PASS_BIT - 1), return_inverse=True)
        found = [self._by_mark.get(int(mark), _NOBODY) for mark in marks]
        rows["phone"] = _octets(found, 6)[which]
        unmarked = np.flatnonzero(rows["mark"] == 0)
        if len(unmarked):
            whose = rows["source"][unmarked]
            phones = [self._by_address.get(each.tobytes(), _NOBODY) for each in whose]
            rows["phone"][unmarked] = _octets(phones, 6)
        return int((~rows["phone"].any(axis=1)).sum())


class Networks:
    """Those of the shoppers."""

    def __init__(self, networks: Iterable[IpNetwork]) -> None:
        self._pairs = [_mask(each) for each in networks if not each.is_link_local]

    def leaving(self, rows: Rows) -> Rows:
        """Flows from in here to elsewhere: what phones ask of the box itself leads nowhere."""
        return rows[self._holds(rows["source"]) & ~self._holds(rows["destination"])]

    def _holds(self, addresses: NDArray[np.uint8]) -> NDArray[np.bool_]:
        held = np.zeros(len(addresses), np.bool_)
        for mask, wanted in self._pairs:
            held |= (addresses & mask == wanted).all(axis=1)
        return held

    def __len__(self) -> int:
        return len(self._pairs)


def _mask(network: IpNetwork) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    mapped = 96 if network.version == 4 else 0  # noqa: PLR2004 - IPv4
    bits = ipaddress.IPv6Network(f"::/{network.prefixlen + mapped}").netmask.packed
    wanted = records.octets_of(network.network_address)
    return np.frombuffer(bits, np.uint8), np.frombuffer(wanted, np.uint8)


def _octets(values: Sequence[bytes], width: int) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(values), np.uint8).reshape(len(values), width)
