"""How long after the end of a login the gateway still forwards what was under way.

Each flow is looked at where the gateway sends it out, with the kernel's own times: not when
somebody notices the silence. QUIC is UDP to the gateway, so it is one of the two here.

Downloads by TCP are left out: of them a few packets a second pass on purpose, so that the phone is
told by the refusal of its acknowledgement.
"""

import contextlib
import itertools
import socket
import struct
import sys
import threading
import time

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6

from tests.lab import network
from tests.lab.internet import BEAT_S, UDP_PORT
from tests.lab.test_online import silent
from tests.lab.test_reach import PORT, listening

pytestmark = pytest.mark.timed

_WITHIN_S = 1.0
_PATIENCE_S = 10
_ADMITTED_S = 3
# Python's socket module does not name it (asm-generic/socket.h).
_SO_TIMESTAMPNS = 35
_EVERY_PROTOCOL = 0x0300
# Where each leaves the gateway, and the port of its server.
FLOWS = {
    ("br-lan", UDP, UDP_PORT): "download by UDP",
    ("wan0", TCP, PORT): "upload by TCP",
    ("wan0", UDP, PORT): "upload by UDP",
}


class Capture:
    """When the gateway last sent out a piece of each flow, in seconds of the wall clock."""

    def __init__(self, gateway):
        self._last = {}
        self._socket = gateway.call(
            lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, _EVERY_PROTOCOL)
        )
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def last(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                data, control, _, sender = self._socket.recvmsg(2000, 100)
                interface, _, direction, *_ = sender
                flow = _flow(data, interface)
                if direction == socket.PACKET_OUTGOING and flow:
                    seconds, nanoseconds = struct.unpack("@ll", control[0][2])
                    self._last[flow] = seconds + nanoseconds / 1e9
        return dict(self._last)

    def wait_for_all(self, since):
        """Until a piece of each flow has gone out after that moment."""
        deadline = time.monotonic() + _PATIENCE_S
        while sum(at > since for at in self.last().values()) < len(FLOWS):
            assert time.monotonic() < deadline, self._last.keys()
            time.sleep(BEAT_S)


def _flow(data, interface):
    """The name of the flow that this is a piece of: no answer, no refusal, no handshake."""
    packet = (IPv6 if data[0] >> 4 == 6 else IP)(data)
    for transport in (TCP, UDP):
        if transport in packet and packet[transport].payload:
            piece = packet[transport]
            port = piece.sport if interface == "br-lan" else piece.dport
            return FLOWS.get((interface, transport, port))
    return None


@contextlib.contextmanager
def sending(*sockets):
    """A piece goes out by each all the time, whatever becomes of it."""
    done = threading.Event()

    def send():
        for number in itertools.count():
            for each in sockets:
                with contextlib.suppress(OSError):
                    each.send(str(number).encode())
            if done.wait(BEAT_S):
                return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextlib.contextmanager
def all_flows(shop, phone, version):
    """All of them begun, and looked at."""
    address = network.WEB[version]
    with (
        Capture(shop.gateway) as capture,
        listening(shop.internet, address) as server,
        phone.connect(version, PORT) as upload,
        server.accept()[0],
        silent(shop.internet, address),
        phone.datagrams(address, PORT) as datagrams,
        phone.listen(version),
        sending(upload, datagrams),
    ):
        yield capture


def revoke(gate, mac):
    gate.revoke(mac)
    return time.time()


def run_out(gate, mac):
    gate.admit(mac, _ADMITTED_S)
    return time.time() + _ADMITTED_S


@pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize(
    "end", [pytest.param(revoke, id="revoked"), pytest.param(run_out, id="time-is-up")]
)
def test_nothing_is_forwarded_a_second_after_the_end(shop, online, version, end):
    with all_flows(shop, online, version) as capture:
        capture.wait_for_all(since=time.time())
        moment = end(shop.gate, online.mac)
        if moment > time.time():
            # All of them are under way shortly before the time is up, too.
            capture.wait_for_all(since=moment - 1)
        while time.time() < moment + 2 * _WITHIN_S:
            # What is not fetched in time finds no room, and would be missed.
            capture.last()
            time.sleep(BEAT_S)
        late = {flow: at - moment for flow, at in capture.last().items()}

    for flow, seconds in late.items():
        sys.stdout.write(f"{flow} over IPv{version}, {end.__name__}: {seconds:+.3f} s\n")
    assert late.keys() == set(FLOWS.values())
    assert max(late.values()) < _WITHIN_S
