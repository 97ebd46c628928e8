import pytest

from sniffer.remote.clock_difference import ClockDifference

HOUR_US = 3_600_000_000


def measure(clock, at_us, ahead_us, *, way_back_us=200, work_us=1000):
    """An answer of a box whose clock is ahead by so much."""
    received_us = at_us + 200 + ahead_us
    back_us = at_us + 200 + work_us + way_back_us
    clock.measure(at_us, received_us, received_us + work_us, back_us)


def test_before_the_first_answer_none_is_known():
    assert ClockDifference().us == 0


@pytest.mark.parametrize("ahead_us", [0, 1_500_000, -1_500_000, 9 * HOUR_US])
def test_the_difference_is_what_an_answer_shows_whatever_the_box_took_for_it(ahead_us):
    clock = ClockDifference()

    measure(clock, 10 * HOUR_US, ahead_us, work_us=3_000_000)

    assert abs(clock.us - ahead_us) <= 1


def test_the_quickest_answer_is_believed():
    clock = ClockDifference()
    for way_back_us in (200, 900_000, 40_000):
        measure(clock, HOUR_US, 5_000_000, way_back_us=way_back_us)

    assert abs(clock.us - 5_000_000) <= 1


def test_a_clock_that_was_set_is_noticed_at_once():
    clock = ClockDifference()
    for number in range(8):
        measure(clock, HOUR_US + number, 0)

    measure(clock, HOUR_US, 60_000_000, way_back_us=2000)

    assert abs(clock.us - 60_000_000) <= 1000


def test_a_slow_drift_is_followed():
    clock = ClockDifference()
    for number in range(20):
        measure(clock, HOUR_US + number, number * 1000)

    assert 12_000 <= clock.us <= 19_000
