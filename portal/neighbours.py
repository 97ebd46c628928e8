"""Who is asking: the hardware address behind an IP address.

The answer comes from the kernel's neighbour table, which holds an entry for whoever
has just opened a connection to us from the same network. One entry, or the whole table, is
asked for by rtnetlink (RTM_GETNEIGH, Linux 5.0 and later):

    nlmsghdr  | length u32 | type u16 | flags u16 | sequence u32 | port u32 |
    ndmsg     | family u8 | pad u8, u16 | interface s32 | state u16 | flags u8 | type u8 |
    rtattr…   | length u16 | type u16 | value, padded to 4 bytes |
"""

import dataclasses
import errno
import hashlib
import ipaddress
import os
import socket
import struct
from collections.abc import Iterator
from typing import Protocol

from core.mac import Mac
from core.setting_groups.portal import NeighboursKind
from core.settings import Settings

_HEADER = struct.Struct("=IHHII")
_NEIGHBOUR = struct.Struct("=BBHiHBB")
_ATTRIBUTE = struct.Struct("=HH")
_ERROR = struct.Struct("=i")

_AGES = struct.Struct("=4I")

_NLMSG_ERROR = 2
_NLMSG_DONE = 3
_NLM_F_REQUEST = 1
_NLM_F_DUMP = 0x300
_RTM_NEWNEIGH = 28
_RTM_GETNEIGH = 30
_NDA_DST = 1
_NDA_LLADDR = 2
_NDA_CACHEINFO = 3
_NUD_REACHABLE = 2

_TIMEOUT_S = 1.0
_MOST_BYTES = 8192
_MOST_BYTES_OF_TABLE = 65_536

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class NeighboursError(Exception):
    """The kernel could not be asked. The message repeats no address."""


class Neighbours(Protocol):
    def mac_of(self, address: str) -> Mac | None:
        """The hardware address of `address`; None if it is not on the shoppers' network."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Confirmation:
    """That a neighbour answered lately under an IPv4 address."""

    mac: Mac
    address: ipaddress.IPv4Address
    age_s: float


@dataclasses.dataclass(frozen=True, slots=True)
class KernelNeighbours:
    """The kernel's table for the shoppers' interface, and for no other."""

    interface: str

    def mac_of(self, address: str) -> Mac | None:
        ip = read_address(address)
        if ip is None:
            return None
        index = self._index()
        try:
            with _kernel() as kernel:
                kernel.send(question(index, ip))
                return read_answer(kernel.recv(_MOST_BYTES))
        except OSError as error:
            raise NeighboursError("the kernel did not answer about a neighbour") from error

    def confirmations(self) -> list[Confirmation]:
        """Who has answered under which IPv4 address, of all that the kernel deems reachable."""
        index = self._index()
        found: list[Confirmation] = []
        try:
            with _kernel() as kernel:
                kernel.send(question_for_all())
                is_last = False
                while not is_last:
                    part, is_last = read_part(kernel.recv(_MOST_BYTES_OF_TABLE), index)
                    found += part
        except OSError as error:
            raise NeighboursError("the kernel did not tell its neighbours") from error
        return found

    def _index(self) -> int:
        try:
            return socket.if_nametoindex(self.interface)
        except OSError as error:
            raise NeighboursError(
                f"there is no interface {self.interface} (gate.shopper_interface)"
            ) from error


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


def question_for_all() -> bytes:
    body = _NEIGHBOUR.pack(socket.AF_INET, 0, 0, 0, 0, 0, 0)
    flags = _NLM_F_REQUEST | _NLM_F_DUMP
    return _HEADER.pack(_HEADER.size + len(body), _RTM_GETNEIGH, flags, 1, 0) + body


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


def read_part(part: bytes, interface: int) -> tuple[list[Confirmation], bool]:
    """What one part of the whole table confirms on `interface`, and whether it was the last."""
    found: list[Confirmation] = []
    try:
        while part:
            length, sort, *_ = _HEADER.unpack_from(part)
            if sort == _NLMSG_DONE:
                return found, True
            if sort != _RTM_NEWNEIGH or length < _HEADER.size + _NEIGHBOUR.size:
                raise NeighboursError(f"the kernel answered with a message of type {sort}")
            found += _confirmation(part[_HEADER.size : length], interface)
            part = part[(length + 3) & ~3 :]
    except struct.error as error:
        raise NeighboursError("the kernel's answer is cut short") from error
    return found, False


def _confirmation(entry: bytes, interface: int) -> Iterator[Confirmation]:
    _, _, _, where, state, _, _ = _NEIGHBOUR.unpack_from(entry)
    if where != interface or not state & _NUD_REACHABLE:
        return
    told = dict(_attributes(entry[_NEIGHBOUR.size :]))
    mac, address = told.get(_NDA_LLADDR, b""), told.get(_NDA_DST, b"")
    if len(mac) == 6 and len(address) == 4:  # noqa: PLR2004 - Ethernet and IPv4
        since_confirmed, *_ = _AGES.unpack_from(told.get(_NDA_CACHEINFO, b""))
        age_s = since_confirmed / os.sysconf("SC_CLK_TCK")
        yield Confirmation(Mac(mac), ipaddress.IPv4Address(address), age_s)


def _link_address(attributes: bytes) -> Mac | None:
    mac = dict(_attributes(attributes)).get(_NDA_LLADDR, b"")
    return Mac(mac) if len(mac) == 6 else None  # noqa: PLR2004 - an Ethernet address


def _attributes(attributes: bytes) -> Iterator[tuple[int, bytes]]:
    while attributes:
        length, sort = _ATTRIBUTE.unpack_from(attributes)
        if length < _ATTRIBUTE.size:
            raise NeighboursError("the kernel's answer has an empty attribute")
        yield sort, attributes[_ATTRIBUTE.size : length]
        attributes = attributes[(length + 3) & ~3 :]


def _kernel() -> socket.socket:
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    kernel.settimeout(_TIMEOUT_S)
    return kernel
