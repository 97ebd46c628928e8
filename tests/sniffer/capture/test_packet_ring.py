import os
import select
import socket
import threading
import time

import pytest

from sniffer.capture.packet_ring import CaptureError, InterfaceGoneError, PacketRing
from sniffer.capture.receive_only import FIRST, LAST
from sniffer.frames import LINK_RADIOTAP
from tests.sniffer.air import ETHERNET, OTHERS, RADIOTAP, on_air
from tests.sniffer.octets import probe_request

in_lab = pytest.mark.lab
PATIENCE_S = 20


def read(ring, count):
    """So many frames, or those that came until it was no use to wait."""
    found = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < count and time.monotonic() < deadline:
        select.select([ring], [], [], 0.5)
        found += ring.read()
    return found


@in_lab
def test_only_probe_requests_come_through(radio, listen):
    ring = listen()
    wanted = [probe_request(sequence=number) for number in range(3)]

    radio.play(wanted[0], *OTHERS, wanted[1], *OTHERS, *OTHERS, wanted[2])

    heard = read(ring, 3)
    assert [(frame.data, frame.link_type) for frame in heard] == [
        (data, LINK_RADIOTAP) for data in wanted
    ]


@in_lab
def test_nothing_slips_in_before_the_filter_is_set(radio, listen):
    is_over = threading.Event()

    def talk():
        while not is_over.is_set():
            radio.play(*OTHERS)

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        for number in range(8):
            ring = listen()
            radio.play(probe_request(sequence=number))
            assert read(ring, 1)[0].data == probe_request(sequence=number)
    finally:
        is_over.set()
        talker.join()


@in_lab
def test_what_the_box_itself_sends_is_not_heard(namespace, radio, listen):
    ring = listen()
    with namespace.call(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)) as sender:
        sender.bind(("mon0", 0))
        sender.send(probe_request(sequence=1))
        radio.play(probe_request(sequence=2))

        assert read(ring, 1)[0].data == probe_request(sequence=2)


@in_lab
def test_a_frame_has_the_time_at_which_it_was_heard_not_read(radio, listen):
    ring = listen()
    before_us = time.time_ns() // 1000
    radio.play(probe_request())
    after_us = time.time_ns() // 1000

    assert before_us <= read(ring, 1)[0].at_us <= after_us


@in_lab
def test_goes_round_and_round_and_leaves_nothing_behind(radio, listen):
    ring = listen()
    told = (b"\xdd\xff" + b"canary" * 40 + bytes(15)) * 4
    count = 10_000
    heard = []

    for first in range(0, count, 1000):
        radio.play(*[probe_request(told, sequence=n % 4096) for n in range(first, first + 1000)])
        heard += read(ring, 1000)

    assert [frame.data for frame in heard] == [
        probe_request(told, sequence=number % 4096) for number in range(count)
    ], "more than the ring holds at once"
    assert ring.dropped() == 0
    assert b"canary" not in ring._memory[:]


@in_lab
def test_what_the_ring_has_no_room_for_is_counted_once(radio, listen):
    ring = listen()
    for _ in range(70_000):
        radio.play(probe_request())

    dropped = ring.dropped()
    heard = read(ring, 70_000 - dropped)

    assert 0 < dropped < 60_000
    assert len(heard) == 70_000 - dropped
    assert ring.dropped() == 0


def is_named(namespace, ring):
    assert select.select([ring], [], [], PATIENCE_S)[0], "it makes itself known"
    for _ in range(2):
        with pytest.raises(InterfaceGoneError, match="mon0"):
            namespace.call(ring.check)


@in_lab
@pytest.mark.parametrize("how", ["down", "away", "replaced", "in another mode"])
def test_an_interface_that_goes_while_listening_is_named(namespace, radio, listen, how):
    ring = listen()
    assert FIRST <= ring.fileno() <= LAST, "where nothing can be written"
    ring.check()

    if how in ("down", "in another mode"):
        namespace.run("ip", "link", "set", "mon0", "down")
    else:
        radio.remove()
    if how == "in another mode":
        radio.become(ETHERNET)
        namespace.run("ip", "link", "set", "mon0", "up")
    if how == "replaced":
        with on_air(namespace, "mon0"):
            is_named(namespace, ring)
    else:
        is_named(namespace, ring)


@in_lab
@pytest.mark.parametrize(
    ("name", "link_type", "reason"),
    [
        pytest.param("absent", None, "there is no interface absent", id="absent"),
        pytest.param("eth7", ETHERNET, "eth7 is not in monitor mode", id="not in monitor mode"),
        pytest.param("mon7", RADIOTAP, "mon7 is down: ip link set mon7 up", id="down"),
    ],
)
def test_says_why_it_cannot_listen(namespace, listen, name, link_type, reason):
    if link_type is None:
        with pytest.raises(InterfaceGoneError, match=reason):
            listen(name)
        return
    with (
        on_air(namespace, name, link_type, up=False),
        pytest.raises(InterfaceGoneError, match=reason),
    ):
        listen(name)


def test_says_so_if_it_may_not_listen():
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        with pytest.raises(CaptureError, match="CAP_NET_RAW"):
            PacketRing("lo")
    finally:
        if is_root:
            os.seteuid(0)
