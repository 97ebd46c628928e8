import logging

import pytest

from core.sensor_status import Hearing, State
from sniffer.capture.listener import Listener
from sniffer.capture.packet_ring import CaptureError, InterfaceGoneError
from sniffer.frames import LINK_RADIOTAP, Frame
from sniffer.source import Origin

SILENT_AFTER_S = 60
FRAME = Frame(1_778_900_000_000_000, LINK_RADIOTAP, b"")


class Stick:
    """A USB stick, and all that a listener asks of the machine about it."""

    def __init__(self):
        self.problem = None
        self.renewals = 0
        self.frames = 0
        self.packets = 7
        self.waiting = []
        self.dropped = 0
        self.rings = []

    def open_ring(self, _name):
        if self.problem:
            raise self.problem
        self.rings.append(Ring(self))
        return self.rings[-1]

    def renew(self):
        self.renewals += 1

    def heard(self, frames):
        self.frames += frames

    def packets_received(self, _name):
        return self.packets


class Ring:
    def __init__(self, stick):
        self.stick = stick
        self.is_closed = False

    def fileno(self):
        return 9

    def read(self):
        while self.stick.waiting:
            yield self.stick.waiting.pop()

    def dropped(self):
        dropped, self.stick.dropped = self.stick.dropped, 0
        return dropped

    def check(self):
        if self.stick.problem:
            raise self.stick.problem

    def close(self):
        assert not self.is_closed
        self.is_closed = True


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def stick():
    return Stick()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def listener(stick, clock, now):
    return Listener(
        "mon0",
        silent_after_s=SILENT_AFTER_S,
        tuner=stick,
        open_ring=stick.open_ring,
        packets_received=stick.packets_received,
        monotonic=clock,
        now=lambda: now,
    )


@pytest.fixture
def wait(listener, clock):
    """Lets time pass, with a look after the listener twice a second; what it counted."""

    def wait(seconds):
        counted = {}
        for _ in range(int(seconds * 2)):
            clock.seconds += 0.5
            for name, value in listener.look_after().items():
                counted[name] = counted.get(name, 0) + value
        return counted

    return wait


def state_of(listener):
    return listener.hearing()["mon0"].state


def test_opens_its_interface_and_hears(listener, stick, wait, now):
    assert listener.fileno() == -1
    wait(0.5)
    assert listener.fileno() == 9
    assert listener.hearing() == {"mon0": Hearing(State.SILENT, None)}

    stick.waiting = [FRAME, FRAME]
    assert list(listener.read()) == [Origin("mon0"), FRAME, FRAME]
    assert stick.frames == 2
    stick.dropped = 3

    assert wait(0.5) == {"source.mon0.dropped": 3, "dropped": 3}
    assert listener.hearing() == {"mon0": Hearing(State.HEARING, now)}
    assert wait(0.5) == {}


@pytest.mark.parametrize(
    "problem",
    [
        pytest.param(InterfaceGoneError("mon0 went down or away"), id="gone"),
        pytest.param(CaptureError("mon0 cannot be listened on: out of memory"), id="refused"),
    ],
)
def test_waits_for_an_interface_that_went_away(listener, stick, wait, problem):
    wait(0.5)
    stick.packets += 1
    wait(0.5)
    stick.problem = problem

    assert list(listener.read()) == [Origin("mon0")], "the error makes it readable"
    assert listener.fileno() == -1
    assert state_of(listener) is State.GONE
    assert stick.rings[0].is_closed

    assert wait(59) == {"source.mon0.gone": 1}
    stick.problem = None
    assert wait(5) == {"source.mon0.deaf_s": 60}
    stick.packets += 1
    assert wait(0.5)["source.mon0.deaf_s"] in (4, 5)
    assert state_of(listener) is State.HEARING
    assert len(stick.rings) == 2


def test_is_quick_to_find_one_that_is_back_at_once(listener, stick, wait):
    wait(0.5)
    stick.problem = InterfaceGoneError("mon0 went away, and another came")

    wait(0.5)
    stick.problem = None
    wait(1)

    assert len(stick.rings) == 2


def test_waits_for_an_interface_that_is_not_there_at_the_start(listener, stick, wait, caplog):
    stick.problem = InterfaceGoneError("there is no interface mon0")

    wait(60)

    assert state_of(listener) is State.GONE
    assert [record.values["problem"] for record in caplog.records] == ["there is no interface mon0"]


def test_does_not_wait_for_what_will_never_come(listener, stick, wait):
    stick.problem = CaptureError("no permission to listen on mon0: needs CAP_NET_RAW")

    with pytest.raises(CaptureError, match="CAP_NET_RAW"):
        wait(0.5)


def test_opens_anew_what_brings_nothing_more_and_more_seldom(listener, stick, wait, caplog):
    opened = []
    for _ in range(6):
        wait(SILENT_AFTER_S)
        opened.append(len(stick.rings))

    assert opened == [1, 2, 2, 3, 3, 3]
    assert stick.renewals == 2
    assert state_of(listener) is State.SILENT
    assert [record.message for record in caplog.records] == ["interface silent"]


def test_any_frame_on_the_air_is_a_sign_of_life(listener, stick, wait):
    for _ in range(8):
        wait(SILENT_AFTER_S - 1)
        stick.packets += 1
        wait(1)

    assert len(stick.rings) == 1


def test_a_probe_request_is_one_where_the_driver_does_not_count(listener, stick, wait):
    stick.packets = 0
    for _ in range(8):
        wait(SILENT_AFTER_S - 1)
        stick.waiting = [FRAME]
        list(listener.read())
        wait(1)

    assert len(stick.rings) == 1
    assert state_of(listener) is State.HEARING


def test_says_that_it_hears_again(listener, stick, wait, caplog):
    with caplog.at_level(logging.INFO):
        counted = wait(SILENT_AFTER_S + 10)
        stick.packets += 1
        rest = wait(0.5)
        stick.packets += 1
        assert wait(0.5) == {}

    assert counted == {"source.mon0.silent": 1, "source.mon0.deaf_s": SILENT_AFTER_S}
    assert rest["source.mon0.deaf_s"] in (9, 10)
    assert [record.message for record in caplog.records] == ["interface silent", "interface hears"]


def test_closes_once(listener, stick, wait):
    wait(0.5)
    listener.close()
    listener.close()

    assert stick.rings[0].is_closed
    assert listener.fileno() == -1
    assert list(listener.read()) == []
