"""Live capture on a TAP device that says it carries radiotap, as a monitor interface does."""

import contextlib
import fcntl
import os
import select
import socket
import struct
import threading
import time

import pytest

from core import clock, sightings
from sniffer.frames import LINK_RADIOTAP, Frame
from sniffer.live import InterfaceGoneError, LiveCapture, LiveCaptureError
from sniffer.sensor import Sensor
from sniffer.source import Tick
from tests.lab.namespace import Namespace
from tests.sniffer.octets import PHONE, dot11, probe_request, radiotap

TUNSETIFF, TUNSETLINK = 0x400454CA, 0x400454CD
IFF_TAP_WITHOUT_HEADER = 0x1002
RADIOTAP, ETHERNET = 803, 1

in_lab = pytest.mark.lab
needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="not root: cannot make a network namespace"
)

OTHERS = [
    radiotap() + dot11(control=0x0080),
    radiotap() + dot11(control=0x0050),
    radiotap() + dot11(control=0x0841) + bytes(900),
    radiotap() + b"\xd4\0\0\0" + PHONE,
    radiotap(),
    radiotap()[:14] + dot11(),
    b"\0\0\xff\x7f" + probe_request()[4:],
]


class Radio:
    """The other end of the device: what is written here is heard on the interface."""

    def __init__(self, name, link_type):
        self.name = name
        self.handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        request = struct.pack("16sH22x", name.encode(), IFF_TAP_WITHOUT_HEADER)
        fcntl.ioctl(self.handle, TUNSETIFF, request)
        fcntl.ioctl(self.handle, TUNSETLINK, link_type)

    def play(self, *frames):
        for frame in frames:
            os.write(self.handle, frame)

    def sent(self, *, within_s):
        """Whether the interface was made to send anything."""
        return bool(select.select([self.handle], [], [], within_s)[0])

    def remove(self):
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None


@pytest.fixture(scope="module")
def namespace():
    with Namespace(f"doorman-air-{os.getpid()}") as namespace:
        yield namespace


@pytest.fixture
def radio(namespace):
    with contextlib.closing(made(namespace, "mon0", RADIOTAP)) as radio:
        namespace.run("ip", "link", "set", "mon0", "up")
        yield radio


@pytest.fixture
def listening(namespace, radio):
    with listening_in(namespace) as capture:
        yield capture


@contextlib.contextmanager
def listening_in(namespace):
    with contextlib.ExitStack() as stack:
        yield namespace.call(lambda: stack.enter_context(LiveCapture("mon0")))


def made(namespace, name, link_type):
    radio = namespace.call(lambda: Radio(name, link_type))
    radio.close = radio.remove
    return radio


def frames_of(capture, count):
    found = []
    for item in capture:
        if isinstance(item, Frame):
            found.append(item)
        if len(found) == count:
            return found
    return found


@in_lab
@needs_root
def test_only_probe_requests_come_through(radio, listening):
    wanted = [probe_request(sequence=number) for number in range(3)]

    radio.play(wanted[0], *OTHERS, wanted[1], *OTHERS, *OTHERS, wanted[2])

    heard = frames_of(listening, 3)
    assert [(frame.data, frame.link_type, frame.missing) for frame in heard] == [
        (data, LINK_RADIOTAP, 0) for data in wanted
    ]


@in_lab
@needs_root
def test_nothing_slips_in_before_the_filter_is_set(namespace, radio):
    is_over = threading.Event()

    def talk():
        while not is_over.is_set():
            radio.play(*OTHERS)

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        for number in range(20):
            with listening_in(namespace) as capture:
                radio.play(probe_request(sequence=number))
                assert frames_of(capture, 1)[0].data == probe_request(sequence=number)
    finally:
        is_over.set()
        talker.join()


@in_lab
@needs_root
def test_nothing_is_sent(namespace, radio, settings):
    with listening_in(namespace) as capture:
        radio.play(*[probe_request(sequence=number) for number in range(100)])
        stop_at = time.monotonic() + 1.2
        counts = Sensor(settings).run(capture, lambda: time.monotonic() > stop_at)

    assert counts["frames"] == 100
    assert not radio.sent(within_s=0)

    sender = namespace.call(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
    with sender:
        sender.bind(("mon0", 0))
        sender.send(probe_request())
    assert radio.sent(within_s=1), "this test would have seen it"


@in_lab
@needs_root
def test_what_the_box_itself_sends_is_not_heard(namespace, radio, listening):
    with namespace.call(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)) as sender:
        sender.bind(("mon0", 0))
        sender.send(probe_request(sequence=1))
        radio.play(probe_request(sequence=2))

        assert frames_of(listening, 1)[0].data == probe_request(sequence=2)


@in_lab
@needs_root
def test_a_frame_has_the_time_at_which_it_was_heard_not_read(radio, listening):
    before_us = time.time_ns() // 1000
    radio.play(probe_request())
    after_us = time.time_ns() // 1000
    time.sleep(0.05)

    assert before_us <= frames_of(listening, 1)[0].at_us <= after_us


@in_lab
@needs_root
def test_there_are_ticks_in_silence_and_in_a_crowd(radio, listening):
    items = iter(listening)
    begun = time.monotonic()
    assert [next(items) for _ in range(2)] == [Tick({"dropped": 0})] * 2
    assert time.monotonic() - begun < 2

    radio.play(*[probe_request()] * 50)
    time.sleep(0.6)
    radio.play(probe_request())
    kinds = [type(next(items)) for _ in range(53)]
    assert kinds == [Frame, Tick, *[Frame] * 50, Tick]


@in_lab
@needs_root
def test_what_the_kernel_has_no_room_for_is_counted(radio, listening):
    for _ in range(40_000):
        radio.play(probe_request())

    heard = dropped = 0
    for item in listening:
        if isinstance(item, Frame):
            heard += 1
        else:
            dropped += item.tallies["dropped"]
        if heard + dropped >= 40_000:
            break
    assert heard + dropped == 40_000
    assert dropped > 0
    assert heard > 5000, "an ordinary buffer holds some 200 such frames"


@in_lab
@needs_root
def test_frames_of_the_air_become_sightings(radio, listening, settings):
    radio.play(*[probe_request(sequence=number) for number in range(5)], *OTHERS)
    stop_at = time.monotonic() + 1
    before = settings.today(clock.now())

    Sensor(settings).run(listening, lambda: time.monotonic() > stop_at)

    days = sightings.days_in(settings.sightings_dir)
    assert set(days) <= {before, settings.today(clock.now())}
    with sightings.reading(settings.sightings_dir, days[0]) as connection:
        tallies = dict(connection.execute("SELECT name, value FROM tallies"))
    assert tallies == {"frames": 5, "probe_requests": 5}


@in_lab
@needs_root
@pytest.mark.parametrize("how", ["down", "away"])
def test_an_interface_that_goes_while_listening_is_named(namespace, radio, listening, how):
    items = iter(listening)
    radio.play(probe_request())
    assert isinstance(next(items), Frame)
    if how == "down":
        namespace.run("ip", "link", "set", "mon0", "down")
    else:
        radio.remove()

    with pytest.raises(InterfaceGoneError, match="mon0 went"):
        for _ in range(4):
            next(items)


@in_lab
@needs_root
@pytest.mark.parametrize(
    ("name", "link_type", "reason"),
    [
        pytest.param("absent", None, "there is no interface absent", id="absent"),
        pytest.param("eth7", ETHERNET, "eth7 is not in monitor mode", id="not in monitor mode"),
        pytest.param("mon7", RADIOTAP, "mon7 is down: ip link set mon7 up", id="down"),
    ],
)
def test_says_why_it_cannot_listen(namespace, name, link_type, reason):
    with contextlib.ExitStack() as stack:
        if link_type:
            stack.enter_context(contextlib.closing(made(namespace, name, link_type)))
        with pytest.raises(LiveCaptureError, match=reason):
            namespace.call(LiveCapture(name).__enter__)


def test_says_so_if_it_may_not_listen():
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        with pytest.raises(LiveCaptureError, match="CAP_NET_RAW"), LiveCapture("lo"):
            pass
    finally:
        if is_root:
            os.seteuid(0)


def test_wants_to_be_entered_first():
    with pytest.raises(LiveCaptureError, match="with statement"):
        next(iter(LiveCapture("mon0")))
