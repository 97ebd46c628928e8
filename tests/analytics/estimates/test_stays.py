import numpy as np
import pytest

from analytics.estimates import stays

DAY_S = 8 * 3600.0


def bursts(*rows):
    """Rows: second, make, dBm."""
    at_s, make, signal = (np.array(column) for column in zip(*rows, strict=True))
    return stays.bursts(at_s.astype(float), make, signal.astype(float))


def test_a_burst_is_as_strong_as_its_strongest_frame():
    found = bursts((0.5, 1, -71), (0.0, 1, -70), (1.0, 1, -48), (60.0, 1, -80))

    assert (found.at_s.tolist(), found.strongest_dbm.tolist()) == ([0.0, 60.0], [-48.0, -80.0])


def test_a_stay_ends_with_a_long_silence():
    found = stays.inside(bursts((0, 1, -50), (500, 1, -50), (1200, 1, -50), (100, 2, -50)), -65)

    assert found.make.tolist() == [1, 1, 2]
    assert found.span_s.tolist() == [500.0, 0.0, 0.0]
    assert found.bursts.tolist() == [2, 1, 1]


def test_whoever_passes_while_one_of_the_make_is_inside_is_not_told_apart_from_it():
    heard = bursts((0, 1, -80), (100, 1, -50), (400, 1, -80), (5000, 1, -80), (400, 2, -80))
    visits = stays.inside(heard, -65)

    assert stays.passing(heard, -68, visits).first_s.tolist() == [0.0, 5000.0, 400.0]
    assert len(stays.passing(heard, -68).make) == 4


def test_those_who_come_while_nobody_else_is_there_stand_for_all():
    heard = bursts((0, 0, -50), (DAY_S / 4 - stays.LONGEST_S, 0, -50), (100, 1, -50))
    visits = stays.Stays(
        np.array([0, 1]), np.zeros(2), np.array([DAY_S / 2 - stays.LONGEST_S, 0.0]), np.ones(2)
    )

    present = stays.present(visits, 2, DAY_S, 0.0)

    assert present == pytest.approx([0.5, stays.LONGEST_S / DAY_S])
    assert stays.stands_for(present)[0] == pytest.approx(2.0)
    assert len(heard.at_s) == 3


def test_several_phones_of_a_make_are_silent_for_shorter_than_one():
    assert stays.at_once(np.array([0.0, 0.5])) == pytest.approx([1.0, 1.22], abs=0.01)


@pytest.mark.parametrize(
    ("every_s", "is_shared", "expected"),
    [
        pytest.param(300, True, True, id="staff"),
        pytest.param(3600, True, False, id="phones of a make, now and then"),
        pytest.param(3600, False, True, id="one lamp, now and then"),
    ],
)
def test_knows_what_is_always_there(every_s, is_shared, expected):
    heard = bursts(*((at_s, 0, -60) for at_s in np.arange(0, DAY_S, every_s)))

    assert stays.always_there(heard, np.array([is_shared]), DAY_S, 0.0).tolist() == [expected]
