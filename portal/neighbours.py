"""Who is asking: the hardware address behind an IP address.

Where phones are on the network of another gateway, that one is asked. Else the answer comes
from the kernel's neighbour table, which holds an entry for whoever
has just opened a connection to us from the same network. One entry, or the whole table, is
asked for by rtnetlink (RTM_GETNEIGH, Linux 5.0 and later):

    nlmsghdr | ndmsg: family u8, pad u8, u16, interface s32, state u16, flags u8, type u8 | rtattr…
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

from core import netlink
from core.mac import Mac
from core.netlink import BadMessageError, Message
from core.setting_groups.portal import NeighboursKind
from core.settings import Settings
from gate.client import GateClient, GateError

_NEIGHBOUR = struct.Struct("=BBHiHBB")
_AGES = struct.Struct("=4I")

_RTM_NEWNEIGH = 28
_RTM_GETNEIGH = 30
_NDA_DST = 1
_NDA_LLADDR = 2
_NDA_CACHEINFO = 3
_NUD_REACHABLE = 2
# Or stale, or being asked again, or entered by hand: its hardware address stands.
_NUD_KNOWN = _NUD_REACHABLE | 0x04 | 0x08 | 0x10 | 0x80

_TIMEOUT_S = 1.0
_MOST_BYTES = 8192
_MOST_BYTES_OF_TABLE = 65_536

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class NeighboursError(Exception):
    """The kernel, or the gateway, could not be asked. The message repeats no address."""


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

    def addresses(self) -> dict[Mac, list[IpAddress]]:
        """Under which addresses each is known that can be spoken to; without link-local ones."""
        index = self._index()
        found: dict[Mac, list[IpAddress]] = {}
        try:
            for family in (socket.AF_INET, socket.AF_INET6):
                with _kernel() as kernel:
                    kernel.send(question_for_all(family))
                    is_last = False
                    while not is_last:
                        part, is_last = read_known(kernel.recv(_MOST_BYTES_OF_TABLE), index)
                        for mac, address in part:
                            found.setdefault(mac, []).append(address)
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
class GuestsOfGateway:
    """Whom another gateway knows as its guests now, by the gate that speaks to it."""

    gate: GateClient

    def mac_of(self, address: str) -> Mac | None:
        ip = read_address(address)
        if ip is None:
            return None
        try:
            found = self.gate.phone_at(str(ip))
        except GateError as error:
            raise NeighboursError(f"the gateway did not tell a guest: {error}") from error
        return None if found is None else Mac.parse(found)


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
    if settings.portal.neighbours is NeighboursKind.REDIRECT:
        return GuestsOfGateway(GateClient(settings.gate_socket))
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
    body += netlink.attribute(_NDA_DST, ip.packed)
    return netlink.message(_RTM_GETNEIGH, netlink.REQUEST, 1, body)


def question_for_all(family: int = socket.AF_INET) -> bytes:
    body = _NEIGHBOUR.pack(family, 0, 0, 0, 0, 0, 0)
    return netlink.message(_RTM_GETNEIGH, netlink.REQUEST | netlink.DUMP, 1, body)


def read_answer(answer: bytes) -> Mac | None:
    """The hardware address in the kernel's answer; None if it knows none."""
    try:
        for message in netlink.messages(answer):
            if message.kind == netlink.ERROR and message.error == errno.ENOENT:
                return None
            mac = dict(_attributes(message)).get(_NDA_LLADDR, b"")
            return Mac(mac) if len(mac) == 6 else None  # noqa: PLR2004 - an Ethernet address
    except BadMessageError as error:
        raise NeighboursError("the kernel's answer is cut short") from error
    raise NeighboursError("the kernel's answer is empty")


def read_part(part: bytes, interface: int) -> tuple[list[Confirmation], bool]:
    """What one part of the whole table confirms on `interface`, and whether it was the last."""
    found: list[Confirmation] = []
    try:
        for message in netlink.messages(part):
            if message.kind == netlink.DONE:
                return found, True
            found += _confirmation(message, interface)
    except (BadMessageError, struct.error) as error:
        raise NeighboursError("the kernel's answer is cut short") from error
    return found, False


def read_known(part: bytes, interface: int) -> tuple[list[tuple[Mac, IpAddress]], bool]:
    """Who is known on `interface` under what, as one part tells, and whether it was the last."""
    found: list[tuple[Mac, IpAddress]] = []
    try:
        for message in netlink.messages(part):
            if message.kind == netlink.DONE:
                return found, True
            told = dict(_attributes(message))
            _, _, _, where, state, _, _ = _NEIGHBOUR.unpack_from(message.body)
            mac, address = told.get(_NDA_LLADDR, b""), told.get(_NDA_DST, b"")
            is_known = where == interface and state & _NUD_KNOWN
            if is_known and len(mac) == 6 and len(address) in {4, 16}:  # noqa: PLR2004 - as above
                ip = ipaddress.ip_address(address)
                if not ip.is_link_local and not ip.is_multicast:
                    found.append((Mac(mac), ip))
    except (BadMessageError, struct.error) as error:
        raise NeighboursError("the kernel's answer is cut short") from error
    return found, False


def _confirmation(message: Message, interface: int) -> Iterator[Confirmation]:
    told = dict(_attributes(message))
    _, _, _, where, state, _, _ = _NEIGHBOUR.unpack_from(message.body)
    if where != interface or not state & _NUD_REACHABLE:
        return
    mac, address = told.get(_NDA_LLADDR, b""), told.get(_NDA_DST, b"")
    if len(mac) == 6 and len(address) == 4:  # noqa: PLR2004 - Ethernet and IPv4
        since_confirmed, *_ = _AGES.unpack_from(told.get(_NDA_CACHEINFO, b""))
        age_s = since_confirmed / os.sysconf("SC_CLK_TCK")
        yield Confirmation(Mac(mac), ipaddress.IPv4Address(address), age_s)


def _attributes(message: Message) -> Iterator[tuple[int, bytes]]:
    """Those of an entry; NeighboursError if the message is none."""
    if message.kind == netlink.ERROR:
        raise NeighboursError(f"the kernel refused to tell a neighbour (errno {message.error})")
    if message.kind != _RTM_NEWNEIGH or len(message.body) < _NEIGHBOUR.size:
        raise NeighboursError(f"the kernel answered with a message of type {message.kind}")
    return netlink.attributes(message.body[_NEIGHBOUR.size :])


def _kernel() -> socket.socket:
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    kernel.settimeout(_TIMEOUT_S)
    return kernel
