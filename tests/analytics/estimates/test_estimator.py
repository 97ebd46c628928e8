import dataclasses

import numpy as np
import pytest

from analytics.estimates import comers, estimator
from analytics.estimates.comers import HeardDay
from core.models.traffic import DWELL_BUCKETS
from core.setting_groups.traffic import TrafficSettings
from tests.analytics import toy_shop

RULES = TrafficSettings(inside_dbm=-65, outside_dbm=-100)
HOURS_S = 3600.0 * np.arange(toy_shop.HOURS)


def estimate(heard, until_s):
    found = comers.find(HeardDay.of(heard, until_s), RULES)
    return found and estimator.estimate(found, RULES, HOURS_S, until_s)


@pytest.fixture(scope="module")
def day():
    return toy_shop.day()


@pytest.fixture(scope="module")
def found(day):
    return estimate(day.heard, day.until_s)


def test_counts_those_who_were_never_heard(day, found):
    near = found.day.passers_by.value + found.day.visitors.value

    assert near == pytest.approx(day.near, rel=0.2)
    assert found.day.entries == pytest.approx(len(day.dwell_s), rel=0.15)


@pytest.mark.parametrize("entry_rate", [0.06, 0.2])
@pytest.mark.parametrize("people", [600, 3000])
def test_finds_the_entry_rate_of_small_and_busy_shops(people, entry_rate):
    day = toy_shop.day(seed=people, comers=people, entry_rate=entry_rate)

    rate = estimate(day.heard, day.until_s).day.entry_rate

    truth = len(day.dwell_s) / day.near
    assert rate.value == pytest.approx(truth, abs=0.05)
    assert rate.low <= truth <= rate.high


def test_says_how_long_visitors_stayed(day, found):
    long = day.dwell_s[day.dwell_s >= RULES.visitor_after_s]

    assert found.dwell_median_s.value == pytest.approx(np.median(long), rel=0.2)
    assert np.array(found.dwell_quartiles_s) == pytest.approx(
        np.quantile(long, [0.25, 0.5, 0.75]), rel=0.25
    )


def test_parts_add_up(found):
    assert sum(found.dwell_visits.values()) == pytest.approx(found.day.entries)
    first, *long = (found.dwell_visits[name] for name in DWELL_BUCKETS)
    assert sum(long) == pytest.approx(found.day.visitors.value)
    assert first == pytest.approx(found.day.entries - found.day.visitors.value)
    assert sum(hour.entries for hour in found.hours) == pytest.approx(found.day.entries)


@pytest.mark.parametrize(
    "signal_dbm", [toy_shop.STORE_DBM, toy_shop.STREET_DBM], ids=["staff", "a neighbour"]
)
def test_a_phone_that_is_always_there_changes_little(day, found, signal_dbm):
    heard = toy_shop.always(day.heard, 3, signal_dbm, day.until_s)

    with_it = estimate(heard, day.until_s)

    assert with_it.day.entry_rate.value == pytest.approx(found.day.entry_rate.value, abs=0.02)
    assert with_it.day.visitors.value == pytest.approx(found.day.visitors.value, rel=0.1)


def test_half_a_day_is_no_different(day):
    now_s = day.until_s / 2
    heard = day.heard.only(day.heard.heard_at_s <= now_s)

    so_far = estimate(heard, now_s)

    assert so_far.day.entry_rate.value == pytest.approx(len(day.dwell_s) / day.near, abs=0.05)
    assert so_far.hours[-1].entries == 0


def test_says_nothing_of_a_day_that_says_too_little(day):
    few = day.heard.only(day.heard.heard_at_s <= 600)

    assert estimate(few, 600.0) is None
    assert estimate(day.heard.only(np.zeros(len(day.heard.address), bool)), 600.0) is None


def test_it_makes_no_difference_in_which_order_sightings_come(day, found):
    order = np.random.default_rng(2).permutation(len(day.heard.address))

    assert dataclasses.astuple(estimate(day.heard.only(order), day.until_s)) == dataclasses.astuple(
        found
    )


def test_the_day_shows_its_thresholds_itself(day):
    nothing = day.heard.only(np.zeros(len(day.heard.address), bool))

    assert HeardDay.of(day.heard, day.until_s).zones().inside_dbm == pytest.approx(-65, abs=2)
    assert HeardDay.of(nothing, 0.0).zones() is None
