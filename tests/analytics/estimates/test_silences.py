import numpy as np
import pytest

from analytics.estimates.silences import Silences

MEAN_S = 100.0


@pytest.fixture
def silences():
    """Of phones that send at random, so that what follows is known."""
    return Silences(np.minimum(np.random.default_rng(1).exponential(MEAN_S, 20_000), 600.0))


@pytest.mark.parametrize("stay_s", [10.0, 30.0, 120.0, 400.0])
def test_knows_how_often_a_phone_is_heard_at_all(silences, stay_s):
    assert silences.heard(stay_s) == pytest.approx(1 - np.exp(-stay_s / MEAN_S), abs=0.03)


def test_whoever_is_near_for_long_is_always_heard(silences):
    assert silences.heard(7200.0) == 1.0


def test_a_stay_is_longer_than_its_span_by_one_silence_at_each_end(silences):
    extra_s = np.arange(0.0, 1200.0, 5.0)
    density = silences.hidden(extra_s)

    mean_s = (extra_s * density).sum() / density.sum()

    assert mean_s == pytest.approx(2 * MEAN_S, rel=0.1)
    assert silences.hidden(np.array([-5.0, 5000.0])).tolist() == [0.0, 0.0]


def test_what_may_be_going_on_may_last_for_any_time(silences):
    extra_s, silent_s = np.array([[60.0, 3000.0]]), np.array([[30.0]])

    assert silences.hidden(extra_s)[0, 1] == 0
    assert silences.hidden_so_far(extra_s, silent_s)[0, 1] > 0


def test_what_ended_long_ago_is_as_if_the_day_were_over(silences):
    extra_s = np.array([[60.0, 200.0, 500.0]])

    so_far = silences.hidden_so_far(extra_s, np.array([[5000.0]]))

    assert so_far == pytest.approx(silences.hidden(extra_s), rel=0.1)


def test_takes_the_usual_silences_where_none_were_heard():
    assert Silences(np.empty(0)).mean_s == pytest.approx(80.0, rel=0.1)
