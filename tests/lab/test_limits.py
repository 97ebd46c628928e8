"""What one phone may use: speed, bytes, connections; and that others go on meanwhile."""

import contextlib
import socket
import statistics
import threading
import time
from pathlib import Path

import pytest

from gate.client import Counters, Limits
from gate.ruleset import Ruleset
from tests.lab import network
from tests.lab.shop import PORTAL_PORT
from tests.lab.test_reach import PORT, listening

pytestmark = pytest.mark.timed

BOTH = pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
_PIECE = bytes(65_536)


@contextlib.contextmanager
def pouring(connection):
    """Something is sent by it as fast as it goes.

    By Reno, whatever the machine's own choice: BBR does not slow down for what is dropped, and
    swings widely about a limit.
    """
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")
    thread = threading.Thread(target=_pour, args=(connection,))
    thread.start()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        thread.join()


def _pour(connection):
    connection.settimeout(None)
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(_PIECE)


@contextlib.contextmanager
def connected(shop, phone, version):
    """A TCP connection: the phone's end, and the internet's."""
    with (
        listening(shop.internet, network.WEB[version]) as server,
        phone.connect(version, PORT) as here,
        server.accept()[0] as there,
    ):
        there.settimeout(5)
        yield here, there


def bytes_a_second(connection, warm_up_s=1.5, seconds=5):
    """What comes in most seconds, once the first one's stock is used up.

    Not what comes in all of them: what a machine missed while it stood still is no speed.
    """
    begun, counts = time.monotonic() + warm_up_s, [0] * seconds
    while (passed := time.monotonic() - begun) < seconds:
        length = len(connection.recv(1_000_000))
        assert length, "it has ended"
        if passed >= 0:
            counts[int(passed)] += length
    return statistics.median(counts)


@pytest.mark.parametrize("way", ["down", "up"])
def test_a_phone_is_as_fast_as_it_may_be(shop, online, way):
    kbit_s = 8000
    limits = Limits(**{f"{way}_kbit_s": kbit_s})
    with connected(shop, online, 4) as (here, there):
        shop.gate.admit(online.mac, 600, limits)
        source, sink = (there, here) if way == "down" else (here, there)
        with pouring(source):
            speed = bytes_a_second(sink)

    assert speed == pytest.approx(kbit_s * 125, rel=0.25)


@BOTH
def test_a_phone_is_refused_once_its_bytes_are_used_up(shop, online, version):
    with connected(shop, online, version) as (here, there):
        shop.gate.admit(online.mac, 600, Limits(bytes=300_000))
        with pouring(there), pytest.raises(ConnectionResetError):
            online.read_on(here)
        shop.gate.revoke(online.mac)
    used = shop.gate.counters()[online.mac]
    assert 200_000 < used.bytes_up + used.bytes_down < 400_000


def test_once_its_bytes_are_used_up_a_phone_sees_the_portal_again(shop, online):
    shop.gate.admit(online.mac, 600, Limits(bytes=1))

    assert online.get(4).status == 302
    assert online.get(6).status == 302
    with pytest.raises(ConnectionRefusedError):
        online.connect(4, 443)
    with online.datagrams(network.WEB[4], 5555) as datagrams:
        datagrams.send(b"go on")
        with pytest.raises(OSError) as caught:
            datagrams.recv(100)
    assert not isinstance(caught.value, TimeoutError)

    shop.gate.admit(online.mac, 600, Limits(bytes=1_000_000))
    assert online.get(4).status == 200


def test_counters_outlast_the_login_and_the_rules(shop, online):
    online.get_securely(4)
    first = shop.gate.counters()[online.mac]
    shop.gate.revoke(online.mac)
    shop.load_ruleset()
    assert shop.gate.counters()[online.mac] == first

    shop.gate.admit(online.mac, 600)
    online.get_securely(6)
    second = shop.gate.counters()[online.mac]
    assert second.bytes_up > first.bytes_up > 0
    assert second.bytes_down > first.bytes_down > 0
    found = shop.gate.find(online.mac)
    assert Counters(found.bytes_up, found.bytes_down) == second


def test_what_is_refused_is_not_counted(shop, phone):
    assert phone.get(4).status == 302
    with pytest.raises(ConnectionRefusedError):
        phone.connect(4, 443)

    assert phone.mac not in shop.gate.counters()


@contextlib.contextmanager
def narrow(shop, **numbers):
    """The rules with other numbers than a store's, so that a few connections are many."""
    shop.load(Ruleset("br-lan", "wan0", PORTAL_PORT, **numbers).text())
    try:
        yield
    finally:
        shop.load_ruleset()


def open_many(phone, address, port, number):
    """How many of so many connections could be opened and held at once."""

    def connect():
        held = []
        for _ in range(number):
            with contextlib.suppress(ConnectionRefusedError):
                held.append(socket.create_connection((address, port), 5))
        return held

    return phone.here.call(connect)


@BOTH
def test_a_phone_that_holds_the_portal_leaves_room_for_others(shop, phone, neighbour, version):
    with contextlib.ExitStack() as stack:
        stack.enter_context(narrow(shop, visits=10))
        held = open_many(phone, network.GATEWAY[version], PORTAL_PORT, 30)
        for each in held:
            stack.enter_context(each)

        assert len(held) == 10
        neighbour.reach(network.GATEWAY[version], PORTAL_PORT)


def test_a_phone_that_calls_too_fast_is_refused_and_another_is_not(shop, phone, neighbour):
    with narrow(shop, visits_s=1):
        held = open_many(phone, network.GATEWAY[4], PORTAL_PORT, 30)
        for each in held:
            each.close()

        assert 4 <= len(held) < 20
        assert neighbour.get(4).status == 302


def test_a_phone_that_opens_without_end_does_not_fill_the_box(shop, online, neighbour):
    shop.gate.admit(neighbour.mac, 60)
    with narrow(shop, connections=20, connections_s=1000), contextlib.ExitStack() as stack:
        before = connections(shop)
        for _ in range(200):
            each = stack.enter_context(online.datagrams(network.WEB[4], 5556))
            with contextlib.suppress(OSError):
                each.send(b"hello")

        assert connections(shop) - before <= 20 + 5
        assert neighbour.get(4).status == 200


def test_a_phone_that_opens_too_fast_is_slowed_down_and_another_is_not(shop, online, neighbour):
    shop.gate.admit(neighbour.mac, 60)
    with narrow(shop, connections_s=1):
        held = open_many(online, network.WEB[4], 443, 30)
        for each in held:
            each.close()

        assert 4 <= len(held) < 20
        assert neighbour.get(4).status == 200


def connections(shop):
    """How many the box's kernel keeps."""
    count = Path("/proc/sys/net/netfilter/nf_conntrack_count")
    return int(shop.gateway.call(count.read_text))
