import pytest

from analytics.figures import margins


@pytest.mark.parametrize("margin", [margins.of_visitors, margins.of_passers_by])
def test_the_more_are_counted_the_closer_the_margin(margin):
    widths = [margin(count).high / margin(count).low for count in (5, 50, 500, 5000)]

    assert widths == sorted(widths, reverse=True)
    assert all(margin(count).low < count < margin(count).high for count in (5, 50, 500, 5000))


def test_a_rate_is_no_more_than_all():
    rate = margins.of_entry_rate(0.8, 8, 10)

    assert (rate.low < 0.8, rate.high) == (True, 1.0)


def test_nobody_is_nobody():
    assert margins.of_visitors(0) == (0, 0, 0)
