import datetime as dt

import pytest

from crm.backoff import Backoff


@pytest.mark.parametrize(
    ("attempts", "least_s", "most_s"),
    [(1, 1, 2), (2, 2, 4), (5, 16, 32), (9, 256, 512), (10, 450, 900), (10_000, 450, 900)],
)
def test_waits_double_up_to_the_longest_less_a_random_half(attempts, least_s, most_s):
    shortest = Backoff(chance=lambda: 0.0).wait(attempts)
    longest = Backoff(chance=lambda: 1.0).wait(attempts)

    assert (shortest.total_seconds(), longest.total_seconds()) == (least_s, most_s)


@pytest.mark.parametrize(
    ("asked_s", "wait_s"),
    [
        pytest.param(0, 1, id="less-than-ours"),
        pytest.param(120, 120, id="more-than-ours"),
        pytest.param(1e300, 3600, id="absurdly-long"),
        pytest.param(float("inf"), 3600, id="for-ever"),
    ],
)
def test_a_crm_may_ask_for_more_patience_but_not_for_days(asked_s, wait_s):
    wait = Backoff(chance=lambda: 0.0).wait(1, asked_s)

    assert wait == dt.timedelta(seconds=wait_s)


def test_two_stores_do_not_come_back_at_the_same_moment():
    assert len({Backoff().wait(5) for _ in range(20)}) > 10
