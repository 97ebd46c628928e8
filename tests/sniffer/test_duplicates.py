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

    assert duplicates.before(*first) is None
    assert (duplicates.before(*second) is not None) is is_one


def kept(duplicates):
    return sum(len(heard) for heard in duplicates._by_second.values())


def test_knows_a_frame_that_another_sensor_hands_in_late():
    duplicates = Duplicates()
    for second in range(1000):
        duplicates.before(second, 0, second * S)

    assert duplicates.before(3, 0, 3 * S + 900_000) == (3 * S, False)
    assert duplicates.before(3, 0, 5 * S) is None
    assert duplicates.before(999, 0, 999 * S), "what is late puts nothing out of mind"


def test_knows_which_of_the_copies_was_heard_best():
    duplicates = Duplicates()
    copies = [
        duplicates.before(7, 1, 5 * S + n, dbm) for n, dbm in enumerate((None, -80, -60, -70))
    ]

    assert copies == [None, (5 * S, True), (5 * S, True), (5 * S, False)]


def test_what_came_without_a_signal_is_not_taken_for_stronger():
    duplicates = Duplicates()
    duplicates.before(7, 1, 5 * S, -128)

    assert duplicates.before(7, 1, 5 * S, None) == (5 * S, False)


def test_forgets_before_it_grows_too_large():
    duplicates = Duplicates()
    for number in range(120_000):
        duplicates.before(number, 0, number * 100)

    assert kept(duplicates) <= 50_000
    assert duplicates.before(119_999, 0, 119_999 * 100), "the newest are kept"


def test_forgets_a_silent_street():
    duplicates = Duplicates(seconds_kept=60)
    for number in range(1000):
        duplicates.before(number, 0, 5 * S)
    duplicates.before(1, 1, 66 * S)

    assert kept(duplicates) == 1


@pytest.mark.parametrize("wrong", [500 * S, 1 << 50], ids=["minutes", "years"])
def test_is_not_put_off_by_a_clock_that_was_put_back(wrong):
    duplicates = Duplicates(seconds_kept=60)
    duplicates.before(1, 1, wrong)
    duplicates.before(1, 1, 5 * S)

    assert duplicates.before(1, 1, 5 * S + 1)
    assert kept(duplicates) == 1
