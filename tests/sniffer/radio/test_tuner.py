import errno
import threading
import time

import pytest

from sniffer.radio.channels import Channel
from sniffer.radio.nl80211 import Mode
from sniffer.radio.plans import Kind, Plan
from sniffer.radio.tuner import Tuner
from tests.sniffer.radio.radios import Radios, refusal

ONE, SIX = Channel.of(1), Channel.of(6)
FIXED = Plan(Kind.FIXED, (SIX,), 10)
PATIENCE_S = 20


@pytest.fixture
def radios():
    return Radios("wlan1")


def until(is_so):
    deadline = time.monotonic() + PATIENCE_S
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_so()


def test_the_radio_is_ready_when_the_capture_begins(radios):
    with Tuner("wlan1", FIXED, radios) as tuner:
        assert radios.found[2].mode == Mode.MONITOR
        assert tuner.channel == SIX
        assert tuner.problem is None

    assert radios.done[-1] == "closed"


def test_it_moves_while_the_capture_does_something_else(radios):
    with Tuner("wlan1", Plan(Kind.SLOW, (ONE, SIX), 0.01), radios):
        assert until(lambda: radios.done.count(("wlan1", SIX)) >= 3)


def test_a_radio_that_seems_stuck_is_set_up_anew_at_once(radios):
    with Tuner("wlan1", FIXED, radios) as tuner:
        tuner.renew()
        assert until(lambda: radios.done.count(("wlan1", SIX)) == 2)

    assert ("wlan1", Mode.MONITOR, "down") in radios.done


def test_frames_are_counted_for_a_weighted_plan(radios):
    plan = Plan(Kind.WEIGHTED, (ONE, SIX), 0.02)
    with Tuner("wlan1", plan, radios) as tuner:
        while radios.done.count(("wlan1", SIX)) < 5:
            tuner.heard(1)
            time.sleep(0.001)

    assert radios.done.count(("wlan1", ONE)) >= 5


def test_what_goes_wrong_is_told_and_not_raised(radios):
    radios.refuse["set_channel"] = refusal(errno.EPERM)

    with Tuner("wlan1", FIXED, radios) as tuner:
        assert "CAP_NET_ADMIN" in tuner.problem
        assert tuner.channel is None


def test_an_interface_that_is_not_there_is_told_by_the_real_kernel():
    with Tuner("nowhere0", FIXED) as tuner:
        assert "no interface nowhere0" in tuner.problem


def test_a_fault_of_ours_does_not_end_it(radios, caplog):
    radios.refuse["set_channel"] = ZeroDivisionError()

    with Tuner("wlan1", FIXED, radios) as tuner:
        assert caplog.messages == ["the hopper failed"]
        radios.refuse.clear()
        tuner.renew()
        assert until(lambda: tuner.channel == SIX)


def test_a_driver_that_hangs_keeps_nobody_waiting(radios):
    goes_on, hangs = threading.Event(), threading.Event()

    def set_channel(*_):
        hangs.set()
        goes_on.wait(PATIENCE_S)

    radios.set_channel = set_channel
    with Tuner("wlan1", FIXED, radios) as tuner:
        assert hangs.is_set()
        assert tuner.channel is None
        goes_on.set()
        assert until(lambda: tuner.channel == SIX)
