import collections
import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.figures import suppression

K = 5
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        pytest.param([9, 8, 7], [9, 8, 7], id="nothing-small"),
        pytest.param([9, 3, 7], [9, None, None], id="one-small-takes-the-next"),
        pytest.param([9, 3, 4], [9, None, None], id="two-small-hide-each-other"),
        pytest.param([9, 1, 1, 7], [9, None, None, None], id="two-whose-sum-is-small"),
        pytest.param([9, 0, 0, 7], [9, None, None, 7], id="an-empty-night"),
        pytest.param([9, 0, 7], [9, None, None], id="one-empty-hour"),
        pytest.param([9, 0, 2, 7], [9, None, None, None], id="a-night-with-one-small-hour"),
        pytest.param([5, 5], [5, 5], id="just-enough"),
        pytest.param([2], [None], id="alone"),
        pytest.param([], [], id="no-parts"),
    ],
)
def test_parts_of_a_shown_total(counts, shown):
    assert suppression.shown_parts(counts, K) == shown


@given(st.lists(st.integers(0, 40), min_size=2, max_size=25), st.integers(2, 12))
def test_no_small_count_is_shown_nor_left_over_from_the_total(counts, k):
    shown = suppression.shown_parts(counts, k)

    withheld = [count for count, seen in zip(counts, shown, strict=True) if seen is None]
    assert all(
        seen is None or seen == count >= k for count, seen in zip(counts, shown, strict=True)
    )
    assert len(withheld) != 1
    assert not 0 < sum(withheld) < k or len(withheld) == len(counts)


@pytest.mark.parametrize(
    ("visitors", "passers_by", "shown"),
    [(5, 5, True), (4, 500, False), (500, 4, False), (0, 0, False)],
)
def test_a_ratio_is_shown_only_if_both_its_counts_are(visitors, passers_by, shown):
    assert suppression.ratio_is_shown(visitors, passers_by, K) is shown


def test_zero_is_withheld_like_any_small_count():
    assert suppression.shown(0, K) is None
    assert suppression.shown(5, K) == 5


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        pytest.param([90, 60, 30, 10], [90, 60, 30, 10], id="nothing-small"),
        pytest.param([90, 60, 3, 0], [90, 60, None, None], id="few-came-so-far"),
        pytest.param([90, 88, 60, 10], [90, None, 60, 10], id="few-came-no-further"),
        pytest.param([90, 88, 87, 60], [90, None, None, 60], id="few-at-two-steps"),
        pytest.param([90, 90, 60], [90, None, 60], id="everybody"),
        pytest.param([4, 3, 2], [None, None, None], id="few-at-all"),
        pytest.param([], [], id="no-steps"),
    ],
)
def test_a_chain_of_parts_of_parts(counts, shown):
    assert suppression.shown_chain(counts, K) == shown


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(2, 12))
def test_no_two_of_a_chain_differ_by_a_small_count(counts, k):
    chain = sorted(counts, reverse=True)
    seen = [count for count in suppression.shown_chain(chain, k) if count is not None]

    assert all(count >= k for count in seen)
    assert all(one - other >= k for at, one in enumerate(seen) for other in seen[at + 1 :])


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (302, 300), (303, 305)],
)
def test_an_estimate_is_shown_to_the_nearest_five(count, shown):
    assert suppression.rounded(count, K) == shown


@given(st.integers(0, 500), st.integers(3, 100))
def test_what_a_rounded_count_may_be_is_what_is_shown_so(count, k):
    shown = suppression.rounded(count, k)

    low, high = suppression.possible(shown, k)
    assert low <= count <= high
    assert high > low
    assert {suppression.rounded(each, k) for each in (low, high)} == {shown}
    assert suppression.rounded(high + 1, k) != shown
    assert low == 0 or suppression.rounded(low - 1, k) != shown


@pytest.mark.parametrize(
    ("total", "parts", "shown"),
    [
        pytest.param(62, [30, 31, 1], 60, id="as-it-is"),
        pytest.param(20, [4, 4, 4, 4, 4], 20, id="all-at-their-most-as-19-would-be"),
        pytest.param(28, [12, 12, 4], 25, id="all-at-their-most"),
        pytest.param(13, [13, 0, 0], 15, id="all-at-their-least-as-14-would-be"),
        pytest.param(18, [13, 5, 0], 20, id="the-least-of-a-busy-hour-and-a-quiet-one"),
        pytest.param(0, [0, 0, 0], None, id="nobody"),
        pytest.param(90, [10, 10], 90, id="parts-of-something-else"),
    ],
)
def test_a_rounded_total_beside_its_parts(total, parts, shown):
    assert suppression.rounded_total(total, parts, K) == shown


@pytest.mark.parametrize(
    ("counts", "total", "others", "shown"),
    [
        pytest.param([30, 20, 10, 3], 65, [30, 30, 5], [30, 20, 10, None], id="as-they-are"),
        pytest.param([8, 8, 8, 0], 25, [None] * 7, [10, 10, 10, None], id="room-for-one-more"),
        pytest.param([8, 8, 8, 8], 30, [], [5, 10, 10, 10], id="all-at-their-least"),
        pytest.param([4, 4], 10, [], [5, None], id="all-at-their-most"),
        pytest.param([40], 35, [30, None], [35], id="one-part-is-the-total"),
        pytest.param([90, 90], 20, [], [90, 90], id="parts-of-something-else"),
        pytest.param([], None, [], [], id="no-parts"),
    ],
)
def test_rounded_parts_of_a_total_beside_other_parts(counts, total, others, shown):
    assert suppression.rounded_parts(counts, total, others, K) == shown


def test_who_sees_everything_and_knows_the_rule_cannot_tell_a_small_count():
    """All days of up to 11 visitors: which of them look the same?"""
    k, most = 3, 11
    alike = collections.defaultdict(list)
    for total in range(most + 1):
        for hours, dwell in itertools.product(_divisions(total, 3), _divisions(total, 3)):
            shown = suppression.rounded_total(total, hours, k)
            by_hour = tuple(suppression.rounded(hour, k) for hour in hours)
            by_dwell = suppression.rounded_parts(dwell, shown, by_hour, k)
            alike[shown, by_hour, tuple(by_dwell)].append((total, *hours, *dwell))

    for (shown, _, _), days in alike.items():
        # Of the fullest days, some that look the same were left out.
        if suppression.possible(shown, k).high < most:
            assert _told(days, k) == set()


def test_who_looks_at_a_running_day_again_and_again_cannot_tell_a_small_count():
    """Of three hours, looked at in their midst and at their end: counts, and what came between."""
    k, hours = 3, 3
    steps = [(half, whole) for whole in range(6) for half in range(whole + 1)]
    alike = collections.defaultdict(list)
    for day in itertools.product(steps, repeat=hours):
        shown = tuple(suppression.rounded(count, k) for hour in day for count in hour)
        total = suppression.rounded_total(
            sum(hour[1] for hour in day), [hour[1] for hour in day], k
        )
        between = [whole - half for half, whole in day]
        alike[shown, total].append((*(count for hour in day for count in hour), *between))

    for (shown, _), days in alike.items():
        if all(count is None or count < 6 for count in shown):
            assert _told(days, k) == set()


@given(
    st.lists(st.integers(0, 14), min_size=2, max_size=25),
    st.lists(st.integers(0, 1000), min_size=3, max_size=3),
    st.integers(3, 12),
)
def test_bounds_leave_every_withheld_count_more_than_one_value(hours, cuts, k):
    """What arithmetic over intervals finds out: with two divisions of one total, that is all."""
    total = sum(hours)
    ends = sorted(cut % (total + 1) for cut in cuts)
    dwell = [b - a for a, b in itertools.pairwise([0, *ends, total])]

    shown = suppression.rounded_total(total, hours, k)
    divisions = [[suppression.rounded(hour, k) for hour in hours]]
    divisions.append(suppression.rounded_parts(dwell, shown, divisions[0], k))

    low, high = suppression.possible(shown, k)
    sums = [_bounds(division, k) for division in divisions]
    low, high = max(low, *(each[0] for each in sums)), min(high, *(each[1] for each in sums))
    assert low <= high
    for division, (least, most) in zip(divisions, sums, strict=True):
        if None in division:
            assert max(0, low - most + k - 1) < min(k - 1, high - least)


def test_whatever_gives_figures_out_reads_none_that_has_not_passed_here():
    """Below these folders, of a day's row nothing but which day it is, and its moments."""
    harmless = re.compile(r"TrafficDay\.(day|closed_at|updated_at)\b|import .*TrafficDay")
    folders = ("analytics/dashboard", "analytics/reports", "analytics/api", "appliance", "crm")
    read = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not path.is_relative_to(ROOT / "appliance" / "demo")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\bTraffic(Hour|Now)\b|\bTrafficDay\b", harmless.sub("", line))
    ]

    assert read == []


def _divisions(total, parts):
    if parts == 1:
        return [(total,)]
    return [
        (first, *rest)
        for first in range(total + 1)
        for rest in _divisions(total - first, parts - 1)
    ]


def _told(days, k):
    """Counts that are the same on all days that look alike, and small."""
    values = [set(column) for column in zip(*days, strict=True)]
    return {(at, *each) for at, each in enumerate(values) if len(each) == 1 and min(each) < k}


def _bounds(division, k):
    each = [suppression.possible(count, k) for count in division]
    return sum(one.low for one in each), sum(one.high for one in each)
