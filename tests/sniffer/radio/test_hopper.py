import logging

import pytest

from sniffer.radio.channels import Channel
from sniffer.radio.hopper import AGAIN_S, Hopper
from sniffer.radio.plans import Plan
from sniffer.radio.receiver import RadioError
from sniffer.radio.rtnetlink import Link

ONE, SIX, ELEVEN = (Channel.of(number) for number in (1, 6, 11))


class Radio:
    """A receiver with which anything may happen."""

    name = "wlan1"

    def __init__(self):
        self.ready = False
        self.allowed = [ONE, SIX, ELEVEN]
        self.sharer = None
        self.errors = {}
        self.done = []

    def prepare(self):
        self._do("prepare")
        self.ready = True

    def take_down(self):
        self._do("take down")
        self.ready = False

    def is_ready(self):
        self._may("ready")
        return self.ready

    def fit(self, plan):
        if self.sharer:
            return None, f"shared with {self.sharer}"
        is_whole = set(plan.channels) <= set(self.allowed)
        return plan.limited_to(self.allowed), None if is_whole else "not all of it"

    def tune(self, channel):
        self._do(channel)

    def _do(self, what):
        self._may(what)
        self.done.append(what)

    def _may(self, what):
        if what in self.errors:
            raise RadioError(self.errors[what])


@pytest.fixture
def radio():
    return Radio()


@pytest.fixture
def hopper(radio):
    return Hopper(radio, Plan.read("slow 1 6 11", 10), lambda: 0)


def run(hopper, start, end):
    """Step whenever it asks for that; the times of the steps."""
    times, now = [], start
    while now < end:
        times.append(now)
        now = hopper.step(now)
    return times


def test_a_radio_is_set_up_and_moved_at_once(radio, hopper):
    assert hopper.step(100) == 110

    assert radio.done == ["prepare", ONE]
    assert hopper.channel == ONE
    assert hopper.problem is None


def test_channels_take_turns(radio, hopper):
    assert run(hopper, 100, 150) == [100, 110, 120, 130, 140]

    assert radio.done == ["prepare", ONE, SIX, ELEVEN, ONE, SIX]


def test_a_step_too_early_changes_nothing(radio, hopper):
    hopper.step(100)

    assert hopper.step(105) == 110
    assert radio.done == ["prepare", ONE]
    assert hopper.channel == ONE


def test_a_fixed_plan_is_set_again_now_and_then(radio):
    hopper = Hopper(radio, Plan.read("fixed 6", 10), lambda: 0)

    assert run(hopper, 0, 130) == [0, 60, 120]
    assert radio.done == ["prepare", SIX, SIX, SIX]


def test_a_radio_that_lost_its_mode_is_mended_at_once_and_moved_again(radio, hopper):
    hopper.step(100)
    radio.ready = False

    hopper.step(106)

    assert radio.done == ["prepare", ONE, "prepare", SIX]
    assert hopper.channel == SIX


def test_a_fight_for_the_radio_is_not_a_race(radio, hopper):
    hopper.step(100)
    for now in range(100, 120):
        radio.ready = False
        hopper.step(now)

    assert radio.done.count("prepare") == 20 / AGAIN_S


def test_a_radio_that_hears_nothing_is_set_up_anew(radio, hopper):
    hopper.step(100)
    hopper.renew()
    hopper.step(200)

    assert radio.done == ["prepare", ONE, "take down", "prepare", SIX]


@pytest.mark.parametrize("what", ["ready", "prepare"])
def test_what_cannot_be_done_is_told_and_tried_again(radio, hopper, what, caplog):
    caplog.set_level(logging.INFO)
    radio.errors[what] = "wlan1 is broken: mend it"
    assert run(hopper, 100, 101 + 2 * AGAIN_S) == [100, 100 + AGAIN_S, 100 + 2 * AGAIN_S]
    assert hopper.problem == "wlan1 is broken: mend it"

    radio.errors.clear()
    hopper.step(115)

    assert hopper.problem is None
    assert caplog.messages == ["radio does not listen as planned", "radio listens as planned"]


def test_the_same_problem_is_logged_once(radio, hopper, caplog):
    radio.errors["ready"] = "wlan1 is broken: mend it"

    run(hopper, 100, 1000)

    assert hopper.problem == "wlan1 is broken: mend it"
    assert hopper.channel is None
    assert len(caplog.messages) == 1


def test_a_channel_that_fails_does_not_keep_it_from_the_others(radio, hopper, caplog):
    radio.errors[SIX] = "wlan1 cannot be tuned"

    run(hopper, 100, 400)

    assert radio.done[:5] == ["prepare", ONE, ELEVEN, ONE, ELEVEN]
    assert hopper.problem == "wlan1 cannot be tuned"
    assert caplog.messages == ["radio does not listen as planned"]

    radio.errors.clear()
    run(hopper, 400, 440)
    assert hopper.problem is None


def test_a_channel_that_is_forbidden_is_left_out_and_told(radio, hopper):
    radio.allowed = [ONE, ELEVEN]

    run(hopper, 100, 140)

    assert radio.done == ["prepare", ONE, ELEVEN, ONE, ELEVEN]
    assert hopper.problem == "not all of it"


def test_regulations_that_change_are_followed(radio, hopper):
    radio.allowed = []
    hopper.step(100)
    assert hopper.channel is None

    radio.allowed = [SIX]
    hopper.step(105)

    assert hopper.channel == SIX


def test_a_radio_that_an_access_point_uses_is_set_up_and_not_moved(radio, hopper):
    radio.sharer = "wlan0"

    run(hopper, 100, 150)

    assert radio.done == ["prepare"]
    assert hopper.problem == "shared with wlan0"

    radio.sharer = None
    hopper.step(200)
    assert hopper.channel == ONE


def test_a_weighted_plan_goes_by_what_was_heard_where(radio):
    frames = 0
    hopper = Hopper(radio, Plan.read("weighted 1 6", 10), lambda: frames)
    spent = {ONE: 0.0, SIX: 0.0}
    now = 0.0
    while now < 600:
        next_at = hopper.step(now)
        spent[hopper.channel] += next_at - now
        frames += int(next_at - now) * (20 if hopper.channel == SIX else 1)
        now = next_at

    assert 2 < spent[SIX] / spent[ONE] < 7


@pytest.mark.parametrize(
    ("links", "concerned"),
    [
        pytest.param([Link(5, "wlan1", True, False, True)], True, id="its own"),
        pytest.param([Link(6, "eth0", True, False, False)], False, id="another"),
        pytest.param([], False, id="nothing"),
        pytest.param(None, True, id="nobody knows what"),
    ],
)
def test_notices_about_it_concern_it(hopper, links, concerned):
    assert hopper.concerns(links) is concerned
