import datetime as dt
from types import SimpleNamespace

from analytics.figures.report import Estimate
from analytics.logins import across

MONDAY = dt.date(2026, 5, 11)
DAY = dt.timedelta(days=1)


def heard(*visitors):
    """Days that begin on a Monday, each with its visitors as it shows them."""
    return [
        SimpleNamespace(day=MONDAY + number * DAY, visitors=each)
        for number, each in enumerate(visitors)
    ]


def logged_in(*online):
    return [
        SimpleNamespace(day=MONDAY + number * DAY, steps={"online": each})
        for number, each in enumerate(online)
    ]


def test_takes_the_sums_of_both_and_the_whole_of_the_doubt():
    days = heard(Estimate(100, 50, 200), Estimate(300, 150, 600))

    found = across.per_hundred_visitors(days, logged_in(20, 40), "online")

    assert found == across.Ratio(Estimate(15.0, 7.5, 30.0), 2)


def test_leaves_out_days_that_do_not_show_both():
    days = heard(Estimate(100, 50, 200), Estimate(), Estimate(700, 600, 800), Estimate(9, 8, 10))

    found = across.per_hundred_visitors(days, logged_in(20, 40, None), "online")

    assert found == across.Ratio(Estimate(20.0, 10.0, 40.0), 1)


def test_of_no_day_there_is_no_ratio():
    assert across.per_hundred_visitors([], logged_in(20), "online") == across.Ratio(Estimate(), 0)
