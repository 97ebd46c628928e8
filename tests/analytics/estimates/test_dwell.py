import numpy as np
import pytest

from analytics.estimates import dwell
from analytics.estimates.silences import LONGEST_S, Silences

SILENCE_S = 80.0


def heard_of(stays_s, rng, until_s=np.inf, came_s=None):
    """Span, silence until now, weight, and whether heard twice, of those heard by then."""
    came_s = np.zeros(len(stays_s)) if came_s is None else came_s
    rows = []
    for stay_s, since_s in zip(stays_s, came_s, strict=True):
        at_s = since_s + np.sort(rng.uniform(0, stay_s, rng.poisson(stay_s / SILENCE_S)))
        at_s = at_s[at_s <= until_s]
        if len(at_s):
            rows.append((np.ptp(at_s), len(at_s), until_s - at_s[-1]))
    span_s, bursts, silent_s = np.array(rows).T
    return span_s, np.minimum(silent_s, 1e6), np.ones(len(rows)), bursts > 1


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.fixture
def silences(rng):
    return Silences(np.minimum(rng.exponential(SILENCE_S, 5000), LONGEST_S))


@pytest.mark.parametrize("median_s", [300.0, 700.0, 1500.0])
def test_finds_how_long_people_stayed_behind_what_was_heard(rng, silences, median_s):
    stays_s = rng.lognormal(np.log(median_s), 0.8, 800)

    found = dwell.fit(*heard_of(stays_s, rng), silences)

    assert found.quantile_s(0.5, from_s=300) == pytest.approx(
        np.median(stays_s[stays_s >= 300]), rel=0.12
    )
    assert found.longer(300) == pytest.approx((stays_s >= 300).mean(), abs=0.06)


def test_counts_visits_that_are_going_on_for_longer_than_until_now(rng, silences):
    stays_s = rng.lognormal(np.log(1500), 0.6, 500)
    until_s = 3600.0
    columns = heard_of(stays_s, rng, until_s, rng.uniform(0, until_s, 500))

    found = dwell.fit(*columns, silences)

    assert found.quantile_s(0.5, from_s=300) == pytest.approx(np.median(stays_s), rel=0.2)
    assert np.median(columns[0]) < 1000, "the spans alone would say much less"


def test_tells_of_each_visit_how_long_it_may_have_been(rng, silences):
    columns = heard_of(rng.lognormal(np.log(700), 0.8, 300), rng)

    of_each = dwell.fit(*columns, silences).of_each

    assert of_each.sum(axis=1) == pytest.approx(1.0)
    shorter = columns[0][:, None] > dwell.STAYS_S
    assert not of_each[shorter].any(), "no visit is shorter than its span"


def test_knows_how_many_are_not_heard_twice(rng, silences):
    stays_s = rng.lognormal(np.log(200), 0.7, 2000)
    columns = heard_of(stays_s, rng)

    assert dwell.fit(*columns, silences).heard_twice == pytest.approx(
        columns[3].sum() / len(stays_s), abs=0.06
    )
