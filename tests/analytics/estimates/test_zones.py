import numpy as np
import pytest

from analytics.estimates import zones


def signals(street, store, spread=7.0, means=(-80.0, -50.0), seed=1):
    rng = np.random.default_rng(seed)
    return np.r_[rng.normal(means[0], spread, street), rng.normal(means[1], spread, store)]


@pytest.mark.parametrize("store", [100, 1000, 5000], ids=["few inside", "half", "most inside"])
def test_puts_the_threshold_in_the_middle_however_many_are_inside(store):
    found = zones.learn(signals(1000, store))

    assert found.inside_dbm == pytest.approx(-65, abs=1)
    assert found.outside_dbm == pytest.approx(-94, abs=2)


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param(signals(100, 90), id="too few"),
        pytest.param(signals(2000, 0), id="nobody inside"),
        pytest.param(signals(0, 2000), id="nobody outside"),
        pytest.param(signals(1000, 1000, means=(-70.0, -62.0)), id="too close together"),
        pytest.param(np.empty(0), id="nothing"),
        pytest.param(np.r_[signals(0, 2000), np.full(2000, -128.0)], id="half without a signal"),
    ],
)
def test_says_nothing_where_the_signals_show_no_two_zones(heard):
    assert zones.learn(heard) is None


def test_one_day_shows_what_the_next_one_does():
    found = [zones.learn(signals(600, 400, seed=seed)).inside_dbm for seed in range(20)]

    assert max(found) - min(found) <= 2


def test_never_asks_for_a_signal_that_no_card_can_tell():
    assert zones.learn(signals(500, 500, means=(-92.0, -60.0))).outside_dbm == -100
