"""Sends router advertisements with the Captive Portal API beside dnsmasq's own.

It takes two sockets, both of which need CAP_NET_RAW:

- one hears what goes over the shoppers' interface, of router advertisements and solicitations
  alone (the kernel sorts). An advertisement counts only if this machine sent it: what a phone
  sends never passes for one of ours, and the firewall has no part in it.
- one sends.
"""

import contextlib
import ctypes
import errno
import random
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Self

from core.log import Log
from portal.advertising import router_advertisement
from portal.advertising.advertising_times import AdvertisingTimes

_log = Log("advertise")

_ALL_NODES = "ff02::1"
_EVERY_PROTOCOL = 0x0003
_SO_ATTACH_FILTER = 26
_ICMP6_FILTER = 1
_LONGEST_PACKET = 2048
_LOOK_UP_S = 0.5
# Of an IPv6 packet with ICMPv6 right behind its header, types 133 and 134: in the words of
# classic BPF (what to do, jumps if so and if not, number).
_FILTER = (
    (0x30, 0, 0, 0),  # first octet
    (0x54, 0, 0, 0xF0),
    (0x15, 0, 6, 0x60),  # version 6
    (0x30, 0, 0, 6),  # next header
    (0x15, 0, 4, 58),  # ICMPv6
    (0x30, 0, 0, 40),  # its type
    (0x15, 1, 0, 133),
    (0x15, 0, 1, 134),
    (0x06, 0, 0, _LONGEST_PACKET),
    (0x06, 0, 0, 0),
)


class RouterError(Exception):
    """It cannot send; the message names what to mend."""


class RouterAdvertiser:
    """Open from the start; use as a context. One thread calls `serve`, any `advertise`."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        with contextlib.ExitStack() as closing:
            try:
                self._index = socket.if_nametoindex(interface)
                self._hearing = closing.enter_context(_hearing(interface))
                self._sending = closing.enter_context(_sending(self._index))
            except PermissionError:
                raise RouterError(
                    "router advertisements need CAP_NET_RAW (or advertise.by_router = false)"
                ) from None
            except OSError:
                raise RouterError(f"no interface {interface} (gate.shopper_interface)") from None
            self._closing = closing.pop_all()
        self._lock = threading.Lock()
        self._uri: str | None = None
        self._fields: router_advertisement.Fields | None = None
        self._heard_at = 0.0
        self._times = AdvertisingTimes(random.SystemRandom().uniform)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def advertise(self, uri: str | None) -> None:
        """Tell phones from now on; None ends it.

        What phones were told has no lifetime (RFC 8910), so there is nothing to send that
        would take it back: they forget it when they leave.
        """
        with self._lock:
            if uri == self._uri:
                return
            self._uri = uri
            if uri is None:
                self._times.end()
            elif self._fields:
                self._times.begin(time.monotonic())

    def serve(
        self, stop_event: threading.Event, on_turn: Callable[[], None] = lambda: None
    ) -> None:
        while not stop_event.is_set():
            on_turn()
            try:
                if select.select([self._hearing], [], [], self._wait_s())[0]:
                    self._hear()
                self._send_if_due()
            except OSError as error:
                self._bear(error)

    def _wait_s(self) -> float:
        with self._lock:
            due_at = self._times.due_at
        left_s = _LOOK_UP_S if due_at is None else due_at - time.monotonic()
        return min(max(left_s, 0.0), _LOOK_UP_S)

    def _hear(self) -> None:
        packet, (_, _, way, *_) = self._hearing.recvfrom(_LONGEST_PACKET)
        now = time.monotonic()
        with self._lock:
            if way != socket.PACKET_OUTGOING:
                if router_advertisement.is_solicitation(packet):
                    self._times.solicited(now)
                return
            fields = router_advertisement.read(packet)
            if fields is None or fields.is_ours:
                return
            first = self._fields is None
            self._fields, self._heard_at = fields, now
            if first and self._uri:
                self._times.begin(now)

    def _send_if_due(self) -> None:
        with self._lock:
            now = time.monotonic()
            due_at = self._times.due_at
            if due_at is None or due_at > now or not self._uri or not self._fields:
                return
            fields = self._fields
            self._times.sent(now)
            message = router_advertisement.write(fields, self._uri, now - self._heard_at)
        if message:
            # From the address that dnsmasq sent from: two addresses would be two routers.
            here = fields.source + struct.pack("@I", self._index)
            self._sending.sendmsg(
                [message],
                [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, here)],
                0,
                (_ALL_NODES, 0, 0, self._index),
            )

    def _bear(self, error: OSError) -> None:
        """The interface may be down for a while; one that was made anew takes new sockets."""
        try:
            same = socket.if_nametoindex(self._interface) == self._index
        except OSError:
            same = False
        if not same:
            raise RouterError(f"interface {self._interface} has gone") from error
        _log.debug("router advertisement not sent", error=errno.errorcode.get(error.errno or 0))
        time.sleep(_LOOK_UP_S)


def _hearing(interface: str) -> socket.socket:
    # Hears nothing until it is bound, and so nothing from before the filter.
    hearing = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    try:
        words = ctypes.create_string_buffer(
            b"".join(struct.pack("=HBBI", *word) for word in _FILTER)
        )
        program = struct.pack("@HP", len(_FILTER), ctypes.addressof(words))
        hearing.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
        hearing.bind((interface, _EVERY_PROTOCOL))
    except OSError:
        hearing.close()
        raise
    return hearing


def _sending(index: int) -> socket.socket:
    sending = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    # It only sends: what would come to it, none of it is passed up.
    sending.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, b"\xff" * 32)
    sending.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    sending.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    return sending
