"""Who is asking: the hardware address behind an IP address.

The answer comes from the kernel's neighbour table, which holds an entry for whoever
has just opened a connection to us from the same network. One entry is asked for by
rtnetlink (RTM_GETNEIGH, Linux 5.0 and later):

    nlmsghdr  | length u32 | type u16 | flags u16 | sequence u32 | port u32 |
    ndmsg     | family u8 | pad u8, u16 | interface s32 | state u16 | flags u8 | type u8 |
    rtattr…   | length u16 | type u16 | value, padded to 4 bytes |
"""

import dataclasses
import errno
import hashlib
import ipaddress
import socket
import struct
from typing import Protocol

from core.mac import Mac
from core.setting_groups.portal import NeighboursKind
from core.settings import Settings

_HEADER = struct.Struct("=IHHII")
_NEIGHBOUR = struct.Struct("=BBHiHBB")
_ATTRIBUTE = struct.Struct("=HH")
_ERROR = struct.Struct("=i")

_NLMSG_ERROR = 2
_NLM_F_REQUEST = 1
_RTM_NEWNEIGH = 28
_RTM_GETNEIGH = 30
_NDA_DST = 1
_NDA_LLADDR = 2

_TIMEOUT_S = 1.0
_MOST_BYTES = 8192

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class NeighboursError(Exception):
    """The kernel could not be asked. The message repeats no address."""


class Neighbours(Protocol):
    def mac_of(self, address: str) -> Mac | None:
        """The hardware address of `address`; None if it is not on the shoppers' network."""


@dataclasses.dataclass(frozen=True, slots=True)
class KernelNeighbours:
    """The kernel's table for the shoppers' interface, and for no other."""

    interface: str

    def mac_of(self, address: str) -> Mac | None:
        ip = read_address(address)
        if ip is None:
            return None
        try:
            index = socket.if_nametoindex(self.interface)
        except OSError as error:
            raise NeighboursError(
                f"there is no interface {self.interface} (gate.shopper_interface)"
            ) from error
        try:
            with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
                kernel.settimeout(_TIMEOUT_S)
                kernel.send(question(index, ip))
                return read_answer(kernel.recv(_MOST_BYTES))
        except OSError as error:
            raise NeighboursError("the kernel did not answer about a neighbour") from error


@dataclasses.dataclass(frozen=True, slots=True)
class LoopbackNeighbours:
    """Makes up an address for each of 127.0.0.0/8 and ::1, always the same. For the demo."""

    def mac_of(self, address: str) -> Mac | None:
        ip = read_address(address)
        if ip is None or not ip.is_loopback:
            return None
        # 02: locally administered, and one phone's own.
        return Mac(b"\x02" + hashlib.blake2b(ip.packed, digest_size=5).digest())


def open_neighbours(settings: Settings) -> Neighbours:
    if settings.portal.neighbours is NeighboursKind.LOOPBACK:
        return LoopbackNeighbours()
    return KernelNeighbours(settings.gate.shopper_interface)


def read_address(text: str) -> IpAddress | None:
    """The address of a peer as a server names it, or None if it has none."""
    try:
        ip = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # What a socket open to both families calls an IPv4 peer.
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


def question(interface: int, ip: IpAddress) -> bytes:
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6  # noqa: PLR2004 - IPv4
    body = _NEIGHBOUR.pack(family, 0, 0, interface, 0, 0, 0)
    body += _ATTRIBUTE.pack(_ATTRIBUTE.size + len(ip.packed), _NDA_DST) + ip.packed
    return _HEADER.pack(_HEADER.size + len(body), _RTM_GETNEIGH, _NLM_F_REQUEST, 1, 0) + body


def read_answer(answer: bytes) -> Mac | None:
    """The hardware address in the kernel's answer; None if it knows none."""
    try:
        length, sort, *_ = _HEADER.unpack_from(answer)
        if sort == _NLMSG_ERROR:
            (code,) = _ERROR.unpack_from(answer, _HEADER.size)
            if code == -errno.ENOENT:
                return None
            raise NeighboursError(f"the kernel refused to tell a neighbour (errno {-code})")
        if sort != _RTM_NEWNEIGH:
            raise NeighboursError(f"the kernel answered with a message of type {sort}")
        return _link_address(answer[_HEADER.size + _NEIGHBOUR.size : length])
    except struct.error as error:
        raise NeighboursError("the kernel's answer is cut short") from error


def _link_address(attributes: bytes) -> Mac | None:
    while attributes:
        length, sort = _ATTRIBUTE.unpack_from(attributes)
        value = attributes[_ATTRIBUTE.size : length]
        if sort == _NDA_LLADDR:
            return Mac(value) if len(value) == 6 else None  # noqa: PLR2004 - an Ethernet address
        if length < _ATTRIBUTE.size:
            raise NeighboursError("the kernel's answer has an empty attribute")
        attributes = attributes[(length + 3) & ~3 :]
    return None
