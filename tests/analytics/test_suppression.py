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
