import datetime as dt

import pytest

from analytics.figures import dwell_buckets
from tests.analytics.traffic_days import day_row

DAY = dt.date(2026, 5, 11)
K = 5


def row(*, is_closed=True, q1=400, median=1300, q3=2430):
    made = day_row(DAY, is_closed=is_closed)
    made.dwell_q1_s, made.dwell_median_s, made.dwell_q3_s = q1, median, q3
    return made


@pytest.mark.parametrize(
    ("visitors", "told"),
    [(25, (1200, 300, 2400)), (95, (1200, 300, 2400)), (100, (1320, 420, 2400))],
)
def test_the_median_and_quartiles_are_told_to_five_minutes_or_of_many_to_one(visitors, told):
    assert dwell_buckets.median(row(), visitors, K) == told


@pytest.mark.parametrize("visitors", [None, 5, 20])
def test_of_few_visitors_none_is_told_for_each_would_be_somebody_s(visitors):
    assert dwell_buckets.median(row(), visitors, K) == (None, None, None)


@pytest.mark.parametrize("shown", range(25, 60, 5))
def test_where_they_are_told_each_quarter_is_no_small_count(shown):
    """Even of the fewest visitors that may be shown so, be the total moved by one multiple."""
    fewest = shown - K // 2 - 1

    assert dwell_buckets.median(row(), shown, K)[0] is not None
    assert fewest // 4 >= K


def test_while_the_day_runs_they_are_not_told():
    assert dwell_buckets.median(row(is_closed=False), 200, K) == (None, None, None)


def test_days_on_which_one_visitor_stayed_longer_look_the_same():
    told = {dwell_buckets.median(row(median=median), 60, K) for median in range(1051, 1350)}

    assert len(told) == 1


def test_nobody_stays_for_no_time():
    assert dwell_buckets.median(row(q1=20, median=100), 60, K) == (300, 300, 2400)


def test_a_day_without_visitors_has_none():
    assert dwell_buckets.median(row(q1=None, median=None, q3=None), 200, K) == (None,) * 3
