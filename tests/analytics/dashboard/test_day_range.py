import datetime as dt

import pytest

from analytics.dashboard import day_range
from analytics.dashboard.day_range import DayRange, RangeError

TODAY = dt.date(2026, 5, 16)


def day(text):
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("7", "2026-05-09", "2026-05-15"),
        ("28", "2026-04-18", "2026-05-15"),
        ("90", "2026-02-15", "2026-05-15"),
        ("month", "2026-05-01", "2026-05-15"),
        ("last_month", "2026-04-01", "2026-04-30"),
        ("year", "2026-01-01", "2026-05-15"),
    ],
)
def test_named_ranges_end_with_a_whole_day(name, first, last):
    found = day_range.read({"range": name}, TODAY)

    assert found == DayRange(day(first), day(last), name)
    assert found.arguments() == {"range": name}


def test_on_new_years_day_month_and_year_are_that_day():
    first = day("2026-01-01")

    for name in ("month", "year"):
        assert day_range.named(name, first) == DayRange(first, first, name)
    assert day_range.named("last_month", first).first == day("2025-12-01")


def test_without_a_wish_it_is_four_weeks():
    assert day_range.read({}, TODAY).days == 28


def test_own_days_may_reach_into_today():
    found = day_range.read({"first": "2026-05-10", "last": "2026-05-16"}, TODAY)

    assert (found.days, found.name) == (7, None)
    assert found.arguments() == {"first": "2026-05-10", "last": "2026-05-16"}


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"range": "8"}, "unknown"),
        ({"first": "2026-05-10"}, "no_day"),
        ({"first": "yesterday", "last": "2026-05-10"}, "no_day"),
        ({"first": "0001-01-01", "last": "0001-01-02"}, "no_day"),
        ({"first": "2026-05-11", "last": "2026-05-10"}, "backwards"),
        ({"first": "2026-05-11", "last": "2026-05-17"}, "future"),
        ({"first": "2024-05-01", "last": "2026-05-10"}, "too_long"),
    ],
)
def test_what_is_no_range_says_why(asked, why):
    with pytest.raises(RangeError, match=f"^{why}$"):
        day_range.read(asked, TODAY)


def test_neighbours_are_as_long_and_end_before_today():
    week = DayRange(day("2026-05-03"), day("2026-05-09"))

    assert week.before() == DayRange(day("2026-04-26"), day("2026-05-02"))
    assert week.after(TODAY) == DayRange(day("2026-05-10"), day("2026-05-15"))
    assert DayRange(day("2026-05-09"), day("2026-05-15")).after(TODAY) is None
