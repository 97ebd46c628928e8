"""Where a guest of another gateway is, and what of that gateway's word for it is taken."""

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

from gate.checks import ProtocolError, check_mac

# Of one phone: one IPv4 address, and the IPv6 addresses that it has made up in a week.
MOST_ADDRESSES = 16
# So that an answer about all of them is none that its reader gives up (`gate.protocol`).
MOST_GUESTS = 10_000


class Whereabouts(NamedTuple):
    """Any of it may be unknown."""

    addresses: tuple[str, ...] = ()
    """The phone's IP addresses, as `ipaddress` writes them; each once."""
    access_point: str = ""
    """Its hardware address, of the form aa:bb:cc:dd:ee:ff."""

    def __repr__(self) -> str:
        return "Whereabouts(hidden)"


NOWHERE = Whereabouts()


def read(addresses: Iterable[object], access_point: str) -> Whereabouts:
    """What makes sense of it; the rest is dropped: it would stand in a log as if it were true."""
    found = dict.fromkeys(text for each in addresses if (text := _address(each)))
    return Whereabouts(tuple(found)[:MOST_ADDRESSES], _access_point(access_point))


def _address(told: object) -> str:
    try:
        address = ipaddress.ip_address(told) if isinstance(told, str) else None
    except ValueError:
        return ""
    if address is None or getattr(address, "scope_id", None) is not None:
        return ""
    # As in the kernel's table, link-local ones are left out: beyond one network they name nobody.
    is_anyones = address.is_unspecified or address.is_loopback or address.is_link_local
    return "" if is_anyones or address.is_multicast or address.is_reserved else str(address)


def _access_point(mac: str) -> str:
    try:
        check_mac(mac)
    except ProtocolError:
        return ""
    return mac if mac.strip("0:") else ""
