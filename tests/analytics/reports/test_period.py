import datetime as dt

import pytest

from analytics.reports import period as periods
from analytics.reports.period import Period
from core.setting_groups.reports import ReportKind


def days(first, last):
    return Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    ("kind", "today", "expected"),
    [
        pytest.param("day", "2026-05-16", ("2026-05-15", "2026-05-15"), id="day"),
        pytest.param("day", "2026-01-01", ("2025-12-31", "2025-12-31"), id="day of last year"),
        pytest.param("week", "2026-05-16", ("2026-05-04", "2026-05-10"), id="week, on Saturday"),
        pytest.param("week", "2026-05-18", ("2026-05-11", "2026-05-17"), id="week, on Monday"),
        pytest.param("month", "2026-05-31", ("2026-04-01", "2026-04-30"), id="month"),
        pytest.param("month", "2026-01-01", ("2025-12-01", "2025-12-31"), id="month of last year"),
        pytest.param("month", "2028-03-01", ("2028-02-01", "2028-02-29"), id="leap year"),
    ],
)
def test_the_newest_that_is_over(kind, today, expected):
    found = periods.newest_ended(ReportKind(kind), dt.date.fromisoformat(today))

    assert found == days(*expected)
    assert found.kind is ReportKind(kind)


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(("2026-05-05", "2026-05-11"), id="seven days from a Tuesday"),
        pytest.param(("2026-04-01", "2026-05-31"), id="two months"),
        pytest.param(("2026-05-04", "2026-05-17"), id="two weeks"),
    ],
)
def test_another_range_is_of_no_kind(ends):
    assert days(*ends).kind is None


def test_months_are_cut_at_the_ends():
    assert periods.months(days("2025-12-30", "2026-02-28")) == [
        days("2025-12-30", "2025-12-31"),
        days("2026-01-01", "2026-01-31"),
        days("2026-02-01", "2026-02-28"),
    ]
