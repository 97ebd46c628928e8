"""Whose a flow is: the phone's hardware address, by the flow's mark or by its IP address. Pure.

A mark is made from the hardware address (`gate.membership`): of the phones that are on the network,
the one whose mark it is has opened the flow, whatever IP address it used. Flows before login have
none; of these the kernel's table of neighbours tells whose the IP address was.
"""

import functools
import ipaddress
import sys
from collections.abc import Iterable

from access_log.flows import records
from access_log.flows.records import MARK, NOBODY, SOURCE
from access_log.flows.rtnetlink import IpNetwork, Neighbour
from core.mac import Mac
from gate import membership

PASS_BIT = 1 << 31
_ANY_MARK = PASS_BIT - 1
# Addresses of which it is known whether they are the shoppers'.
_REMEMBERED = 4096


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

    def of(self, row: bytes) -> bytes:
        """Whose it is; `records.NOBODY`: not known."""
        mark = int.from_bytes(row[MARK], "little")
        if mark:
            return self._by_mark.get(mark & _ANY_MARK, NOBODY)
        return self._by_address.get(row[SOURCE], NOBODY)


class Networks:
    """Those of the shoppers."""

    def __init__(self, networks: Iterable[IpNetwork]) -> None:
        self._pairs = [_mask(each) for each in networks if not each.is_link_local]
        self._holds = functools.lru_cache(_REMEMBERED)(self._look_up)

    def leaves(self, source: bytes, destination: bytes) -> bool:
        """From in here to elsewhere: what phones ask of the box itself leads nowhere."""
        return self._holds(source) and not self._holds(destination)

    def _look_up(self, address: bytes) -> bool:
        number = int.from_bytes(address)
        return any(number & mask == wanted for mask, wanted in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


def _mask(network: IpNetwork) -> tuple[int, int]:
    mapped = 96 if network.version == 4 else 0  # noqa: PLR2004 - IPv4
    mask = ipaddress.IPv6Network(f"::/{network.prefixlen + mapped}").netmask
    return int(mask), int.from_bytes(records.octets_of(network.network_address))
