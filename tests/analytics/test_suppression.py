import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import suppression

K = 5


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
