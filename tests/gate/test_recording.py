import pytest

from gate.recording import RecordingGate
from gate.shape import Limits, Online

ALICE = "02:00:00:00:00:0a"
BOB = "02:00:00:00:00:0b"


class Clock:
    seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def gate(clock):
    return RecordingGate(clock)


def test_says_what_it_is(gate):
    assert gate.kind == "recording"


def test_a_phone_is_online_until_its_time_is_up(gate, clock):
    gate.admit(ALICE, 60, Limits())

    clock.seconds += 59
    assert gate.online() == {ALICE: Online(1, 0, 0)}
    clock.seconds += 1
    assert gate.online() == {}


def test_admitting_again_counts_from_then(gate, clock):
    gate.admit(ALICE, 60, Limits())
    clock.seconds += 50
    gate.admit(ALICE, 60, Limits())
    clock.seconds += 50

    assert gate.online()[ALICE].seconds_left == 10


def test_admitting_again_may_shorten(gate):
    gate.admit(ALICE, 3600, Limits())
    gate.admit(ALICE, 10, Limits())

    assert gate.online()[ALICE].seconds_left == 10


def test_finds_one_phone_while_its_time_lasts(gate, clock):
    gate.admit(ALICE, 60, Limits())

    clock.seconds += 50
    assert (gate.find(ALICE), gate.find(BOB)) == (Online(10, 0, 0), None)
    clock.seconds += 10
    assert gate.find(ALICE) is None


def test_revoking_ends_one_phone_and_no_other(gate):
    gate.admit(ALICE, 60, Limits())
    gate.admit(BOB, 60, Limits())
    gate.revoke(ALICE)

    assert gate.online().keys() == {BOB}


def test_revoking_a_phone_that_is_not_online_does_nothing(gate):
    gate.revoke(ALICE)

    assert gate.online() == {}


def test_a_pass_ends_by_itself_and_is_no_admission(gate, clock):
    gate.give_pass(ALICE, 60, Limits(bytes=5))
    assert (gate.find(ALICE), gate.online(), gate.counters()) == (None, {}, {})
    assert gate.recorded()[ALICE].limits == Limits(bytes=5)

    clock.seconds += 60
    assert gate.recorded() == {}


def test_an_admission_replaces_a_pass(gate):
    gate.give_pass(ALICE, 60, Limits())
    gate.admit(ALICE, 60, Limits())

    assert gate.online().keys() == {ALICE}
