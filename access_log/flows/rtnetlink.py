"""The kernel's language for neighbours and addresses, as far as flows need it. Pure.

    RTM_GETNEIGH    ndmsg: family u8, 3 octets, interface s32, state u16, flags u8, type u8
    RTM_GETADDR     ifaddrmsg: family u8, prefix's length u8, flags u8, scope u8, interface u32

Both are dumped, and followed by attributes (`core.netlink`).
"""

import ipaddress
import struct
from typing import NamedTuple

from core.mac import Mac
from core.netlink import DUMP, REQUEST, BadMessageError, Message, attributes, message

_NEW_ADDRESS, _GET_ADDRESS = 20, 22
_NEW_NEIGHBOUR, _GET_NEIGHBOUR = 28, 30
_NEIGHBOUR, _ADDRESS = struct.Struct("=B3xiHBB"), struct.Struct("=BBBBI")
_IFA_ADDRESS = 1
_NDA_DST, _NDA_LLADDR = 1, 2
_MAC_OCTETS = 6

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class Neighbour(NamedTuple):
    address: IpAddress
    mac: Mac


def ask_for_neighbours(sequence: int) -> bytes:
    return message(_GET_NEIGHBOUR, REQUEST | DUMP, sequence, _NEIGHBOUR.pack(0, 0, 0, 0, 0))


def ask_for_addresses(sequence: int) -> bytes:
    return message(_GET_ADDRESS, REQUEST | DUMP, sequence, _ADDRESS.pack(0, 0, 0, 0, 0))


def read_neighbour(told: Message, interface: int) -> Neighbour | None:
    """None: of another interface, or without a hardware address."""
    if told.kind != _NEW_NEIGHBOUR:
        return None
    _, index, _, _, _ = _unpacked(_NEIGHBOUR, told)
    found = dict(attributes(told.body[_NEIGHBOUR.size :]))
    octets = found.get(_NDA_LLADDR, b"")
    if index != interface or len(octets) != _MAC_OCTETS or _NDA_DST not in found:
        return None
    return Neighbour(_address(found[_NDA_DST]), Mac(octets))


def read_network(told: Message, interface: int) -> IpNetwork | None:
    """The network that one of an interface's own addresses is in; None: of another interface."""
    if told.kind != _NEW_ADDRESS:
        return None
    _, length, _, _, index = _unpacked(_ADDRESS, told)
    found = dict(attributes(told.body[_ADDRESS.size :]))
    if index != interface or _IFA_ADDRESS not in found:
        return None
    try:
        return ipaddress.ip_network((_address(found[_IFA_ADDRESS]), length), strict=False)
    except ValueError as error:
        raise BadMessageError("a prefix longer than its address") from error


def _address(octets: bytes) -> IpAddress:
    try:
        return ipaddress.ip_address(octets)
    except ValueError as error:
        raise BadMessageError("an address of no known length") from error


def _unpacked(layout: struct.Struct, told: Message) -> tuple[int, ...]:
    if len(told.body) < layout.size:
        raise BadMessageError("a message without a header")
    return layout.unpack_from(told.body)
