import datetime as dt
import itertools

import pytest

from analytics.figures import period_report, report
from core.models.traffic import TrafficDay

MONDAY = dt.date(2026, 5, 11)
NOW = dt.datetime(2026, 5, 18, tzinfo=dt.UTC)


@pytest.fixture
def put_days(any_database):
    """Puts finished days into the database, by (days after Monday, passers-by, visitors)."""

    def put(*days):
        with any_database.writing() as session:
            session.add_all(
                TrafficDay(
                    day=MONDAY + dt.timedelta(days=after),
                    probe_requests=9000,
                    fixtures=0,
                    passers_by=passed,
                    visitors=came,
                    dwell_q1_s=300,
                    dwell_median_s=600 + 300 * after,
                    dwell_q3_s=1200,
                    dwell_under_5_min=10,
                    dwell_5_to_20_min=came,
                    dwell_20_to_60_min=0,
                    dwell_1_to_6_h=0,
                    dwell_over_6_h=0,
                    updated_at=NOW,
                    closed_at=NOW,
                )
                for after, passed, came in days
            )

    return put


def test_adds_up_what_its_days_show(any_database, settings, put_days):
    put_days((0, 100, 40), (1, 200, 3), (2, 300, 60))

    found = period_report.find(any_database, settings, MONDAY, MONDAY + dt.timedelta(days=3))

    assert found.visitors.value == 100
    assert found.passers_by.value == 600
    assert found.days_withheld == (MONDAY + dt.timedelta(days=1),)
    assert found.days_without_figures == (MONDAY + dt.timedelta(days=3),)
    assert found.dwell_median_s.value == 1200


def test_the_entry_rate_of_a_range_weighs_its_days_and_is_surer_than_theirs(
    any_database, settings, put_days
):
    put_days((0, 100, 40), (1, 900, 100))

    found = period_report.find(any_database, settings, MONDAY, MONDAY + dt.timedelta(days=1))

    rate = found.entry_rate
    assert rate.value == pytest.approx((40 + 10 + 100 + 10) / 1140, abs=0.0002)
    assert all(
        each.entry_rate.high / each.entry_rate.value > rate.high / rate.value for each in found.days
    )


def test_whatever_the_range_a_day_shows_the_same(any_database, settings, put_days):
    """So ranges that overlap differ by what is shown of the days between, and by nothing else."""
    put_days(*((number, 101 + number, 7 * number) for number in range(6)))
    ends = [MONDAY + dt.timedelta(days=number) for number in range(6)]

    alone = {day: report.find(any_database, settings, day) for day in ends}

    for first, last in itertools.combinations_with_replacement(ends, 2):
        found = period_report.find(any_database, settings, first, last)
        assert list(found.days) == [alone[day] for day in ends if first <= day <= last]
        shown = [each.visitors.value for each in found.days if each.visitors.value is not None]
        assert found.visitors.value == (sum(shown) if shown else None)


def test_a_range_without_figures_says_so(any_database, settings):
    found = period_report.find(any_database, settings, MONDAY, MONDAY)

    assert found.visitors.value is None
    assert found.entry_rate.value is None
    assert found.dwell_median_s.value is None
    assert found.days_without_figures == (MONDAY,)
