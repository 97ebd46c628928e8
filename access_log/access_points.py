"""Finds by which port of the shoppers' bridge phones are heard, and so by which radio of this box.

What the bridge has learnt the kernel shows to anybody (`brforward`, entries of 16 octets):

    address 6 | port, low octet | whether it is our own | age u32 | port, high octet | 3 of no use

Behind a port with a wire there may be access points of another maker: which of them, the box
cannot know.
"""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from core.mac import Mac

_ENTRY = struct.Struct("=6sBBIB3x")
_SYSTEM = Path("/sys")


class Point(NamedTuple):
    port: str
    """The box's interface; empty if the phone is on the network of another gateway."""
    bssid: str
    """Of the box's own access point, or what another gateway calls its; empty if not known."""


def of_phones(interface: str, system: Path = _SYSTEM) -> Mapping[Mac, Point]:
    """Those that the bridge has heard lately; none if the shoppers' interface is no bridge."""
    network = system / "class/net"
    try:
        names = dict(_ports(network / interface))
        learnt = (network / interface / "brforward").read_bytes()
        points = {number: _point(network / name) for number, name in names.items()}
    except (OSError, ValueError):
        return {}
    whole = len(learnt) // _ENTRY.size * _ENTRY.size
    return {
        Mac(address): points[low | high << 8]
        for address, low, is_own, _, high in _ENTRY.iter_unpack(learnt[:whole])
        if not is_own and low | high << 8 in points
    }


def of_interface(interface: str, system: Path = _SYSTEM) -> Point | None:
    """That of all phones, where the shoppers' interface is a radio itself."""
    point = _point(system / "class/net" / interface)
    return point if point.bssid else None


def _ports(bridge: Path) -> Iterator[tuple[int, str]]:
    for port in (bridge / "brif").iterdir():
        yield int((port / "port_no").read_text(), 16), port.name


def _point(device: Path) -> Point:
    if not (device / "phy80211").exists():
        return Point(device.name, "")
    return Point(device.name, (device / "address").read_text().strip())
