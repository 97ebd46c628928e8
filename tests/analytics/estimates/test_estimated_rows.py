import numpy as np
import pytest

from analytics.estimates import comers, estimated_rows, estimator
from analytics.estimates.comers import HeardDay
from core.models.traffic import DWELL_BUCKETS, TrafficDay, TrafficHour
from core.setting_groups.traffic import TrafficSettings
from tests.analytics import toy_shop

COUNTS = ("passers_by", "visitors", "entries", "bounces")


def rows(visitor_after_s=300, seed=1, people=1500):
    rules = TrafficSettings(inside_dbm=-65, outside_dbm=-100, visitor_after_s=visitor_after_s)
    shop = toy_shop.day(seed=seed, comers=people)
    hours_s = 3600.0 * np.arange(toy_shop.HOURS)
    near = comers.find(HeardDay.of(shop.heard, shop.until_s), rules)
    found = estimator.estimate(near, rules, hours_s, shop.until_s)
    day, hours = TrafficDay(), [TrafficHour() for _ in hours_s]
    estimated_rows.put(day, hours, found, visitor_after_s)
    return day, hours, found


@pytest.mark.parametrize("seed", range(4))
def test_hours_add_up_to_the_day_and_buckets_to_those_who_came_in(seed):
    day, hours, found = rows(seed=seed, people=600)

    for name in COUNTS:
        assert sum(getattr(hour, name) for hour in hours) == getattr(day, name)
    first, *long = (getattr(day, name) for name in DWELL_BUCKETS)
    assert (first, sum(long)) == (day.entries - day.visitors, day.visitors)
    assert 0 <= day.bounces <= day.dwell_5_to_20_min
    assert day.visitors == pytest.approx(found.day.visitors.value, abs=1)
    assert min(getattr(hour, name) for hour in hours for name in COUNTS) >= 0


def test_buckets_add_up_whatever_makes_a_visitor():
    day, _, _ = rows(visitor_after_s=420)

    assert sum(getattr(day, name) for name in DWELL_BUCKETS) == day.entries
