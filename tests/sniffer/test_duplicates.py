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


def test_remembers_over_the_change_of_generations():
    duplicates = Duplicates()
    duplicates.is_one(1, 1, 0)
    duplicates.is_one(2, 2, S - 1)
    duplicates.is_one(3, 3, S)

    assert duplicates.is_one(2, 2, S + 1)


def test_forgets_before_it_grows_too_large():
    duplicates = Duplicates()
    for number in range(100_000):
        duplicates.is_one(number, 0, 5 * S)

    assert len(duplicates._recent) + len(duplicates._older) <= 40_000


def test_forgets_a_silent_street():
    duplicates = Duplicates()
    for number in range(1000):
        duplicates.is_one(number, 0, 5 * S)
    duplicates.is_one(1, 1, 60 * S)
    duplicates.is_one(1, 1, 120 * S)

    assert len(duplicates._recent) + len(duplicates._older) == 2
