"""Hears of connections from the kernel, and asks it who is on the network: netlink sockets.

Whatever is asked for: OSError if the kernel refuses or does not answer, BadMessageError if it
cannot be understood.
"""

import errno
import itertools
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from access_log.flows import conntrack, rtnetlink
from access_log.flows.rtnetlink import IpNetwork, Neighbour
from core import netlink
from core.netlink import Message

_NETLINK_ROUTE, _NETLINK_NETFILTER = 0, 12
# Groups of NETLINK_NETFILTER, as bits: connections that begin, and that end.
_BEGINNINGS, _ENDS = 1 << 0, 1 << 2
_SO_RCVBUFFORCE, _SO_MEMINFO = 33, 55
_MEMORY = struct.Struct("=9I")
_DROPS = 8
_LONGEST_ANSWER = 65_536
_PATIENCE_S = 5.0
_EVENTS = Path("/proc/sys/net/netfilter/nf_conntrack_events")


class Listener:
    """Connections, as the kernel tells of them. Needs CAP_NET_ADMIN."""

    def __init__(self, buffer_bytes: int, most: int) -> None:
        """`most` messages are handed over at once."""
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, buffer_bytes)
            self._socket.bind((0, _BEGINNINGS | _ENDS))
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._most = most
        self._dropped = 0

    def collect(self, seconds: float) -> list[bytes]:
        """What comes within that time, and as much as is handed over at once."""
        messages: list[bytes] = []
        deadline = time.monotonic() + seconds
        while len(messages) < self._most:
            self._drain(messages)
            left = deadline - time.monotonic()
            if left <= 0:
                break
            # Not woken for each: a crowd's are read together.
            if not select.select([self._socket], [], [], left)[0]:
                break
            if messages:
                time.sleep(min(left, 0.02))
        return messages

    def running(self) -> Iterator[list[bytes]]:
        """All that there are already, some at a time."""
        told = _dump(_NETLINK_NETFILTER, conntrack.ask_for_all)
        while some := list(itertools.islice(told, self._most)):
            yield [netlink.message(each.kind, 0, 0, each.body) for each in some]

    def lost(self) -> int:
        """Of how many the kernel could not tell, for want of room, since this was last asked."""
        told = self._socket.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMORY.size)
        dropped = _MEMORY.unpack(told)[_DROPS]
        new = (dropped - self._dropped) % 2**32
        self._dropped = dropped
        return int(new)

    def close(self) -> None:
        self._socket.close()

    def _drain(self, messages: list[bytes]) -> None:
        receive, take = self._socket.recv, messages.append
        for _ in range(self._most - len(messages)):
            try:
                # What is longer is cut off, which shows.
                take(receive(conntrack.LONGEST))
            except BlockingIOError:
                return
            except OSError as error:
                # How many were dropped is asked for by `lost`.
                if error.errno != errno.ENOBUFS:
                    raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def tells() -> bool:
    """Whether this kernel tells of connections at all, as it does unless somebody has said no."""
    try:
        return _EVENTS.read_text().strip() != "0"
    except OSError:
        # Hidden from us, as much of /proc is from a service: then it is taken to be as usual.
        return True


def neighbours(interface: str) -> list[Neighbour]:
    index = socket.if_nametoindex(interface)
    told = _dump(_NETLINK_ROUTE, rtnetlink.ask_for_neighbours)
    return [each for one in told if (each := rtnetlink.read_neighbour(one, index))]


def networks(interface: str) -> list[IpNetwork]:
    """Those that the box itself has an address in."""
    index = socket.if_nametoindex(interface)
    told = _dump(_NETLINK_ROUTE, rtnetlink.ask_for_addresses)
    return [each for one in told if (each := rtnetlink.read_network(one, index))]


def _dump(protocol: int, question: Callable[[int], bytes]) -> Iterator[Message]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as line:
        line.settimeout(_PATIENCE_S)
        line.send(question(1))
        while True:
            for each in netlink.messages(line.recv(_LONGEST_ANSWER)):
                if each.kind == netlink.DONE:
                    return
                if each.kind == netlink.ERROR:
                    raise OSError(each.error, "the kernel refused")
                yield each
