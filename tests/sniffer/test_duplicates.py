import pytest

from sniffer.duplicates import Duplicates

S = 1_000_000


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        pytest.param((7, 100, 5 * S), (7, 100, 5 * S + 2000), True, id="another channel"),
        pytest.param((7, 100, 5 * S), (7, 100, 6 * S - 1), True, id="just within a second"),
        pytest.param((7, 100, 5 * S), (7, 100, 6 * S), False, id="a second later"),
        pytest.param((7, 100, 5 * S), (7, 101, 5 * S), False, id="next frame"),
        pytest.param((7, 100, 5 * S), (8, 100, 5 * S), False, id="another phone"),
        pytest.param((7, 100, 5 * S), (7, 100, 5 * S - 2000), True, id="out of order"),
        pytest.param((7, 100, 5 * S), (7, 100, S), False, id="clock put back"),
    ],
)
def test_is_the_same_sender_and_number_within_a_second(first, second, is_one):
    duplicates = Duplicates()

    assert not duplicates.is_one(*first)
    assert duplicates.is_one(*second) is is_one


def kept(duplicates):
    return sum(len(heard) for heard in duplicates._by_second.values())


def test_knows_a_frame_that_another_sensor_hands_in_late():
    duplicates = Duplicates()
    for second in range(50):
        duplicates.is_one(second, 0, second * S)

    assert duplicates.is_one(3, 0, 3 * S + 900_000)
    assert not duplicates.is_one(3, 0, 5 * S)


def test_forgets_before_it_grows_too_large():
    duplicates = Duplicates()
    for number in range(120_000):
        duplicates.is_one(number, 0, number * 100)

    assert kept(duplicates) <= 50_000
    assert duplicates.is_one(119_999, 0, 119_999 * 100), "the newest are kept"


def test_forgets_a_silent_street():
    duplicates = Duplicates()
    for number in range(1000):
        duplicates.is_one(number, 0, 5 * S)
    duplicates.is_one(1, 1, 66 * S)

    assert kept(duplicates) == 1


def test_is_not_put_off_by_a_clock_that_was_put_back():
    duplicates = Duplicates()
    duplicates.is_one(1, 1, 500 * S)
    duplicates.is_one(1, 1, 5 * S)

    assert duplicates.is_one(1, 1, 5 * S + 1)
    assert kept(duplicates) == 1
