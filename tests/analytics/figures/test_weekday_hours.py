import datetime as dt

import pytest

from analytics.figures import report, weekday_hours
from core.models.traffic import TrafficHour
from core.settings import Settings
from tests.analytics.traffic_days import day_row

MONDAY = dt.date(2026, 5, 11)
WEEK = dt.timedelta(days=7)


@pytest.fixture
def put(database):
    """Puts a finished day's hours into the database: clock hour in Shanghai to visitors."""

    def add(day, hours, **changes):
        midnight = dt.datetime.combine(day, dt.time(), dt.UTC) - dt.timedelta(hours=8)
        with database.writing() as session:
            session.add(day_row(day, sum(hours.values()), is_closed=changes.pop("is_closed", True)))
            for hour, came in hours.items():
                start = midnight + dt.timedelta(hours=hour)
                row = TrafficHour(start=start, day=day, visitors=came, passers_by=2 * came)
                row.heard_s = changes.get("heard_s", {}).get(hour)
                session.add(row)

    return add


def find(database, settings, weeks=3):
    return weekday_hours.find(database, settings, MONDAY, MONDAY + weeks * WEEK)


def test_an_hour_is_the_mean_over_its_weekdays(database, settings, put):
    put(MONDAY, {10: 20, 11: 40})
    put(MONDAY + WEEK, {10: 30, 11: 40})

    found = find(database, settings)

    assert found.hours == (10, 11)
    assert found.days == (2, 0, 0, 0, 0, 0, 0)
    assert found.visitors[0] == (report.of_visitors(25), report.of_visitors(40))
    assert found.passers_by[0] == (report.of_passers_by(50), report.of_passers_by(80))
    assert found.visitors[1] == (None, None)


def test_a_withheld_hour_counts_as_the_middle_of_what_it_may_be(database, settings, put):
    for weeks, came in enumerate((20, 20, 1)):
        put(MONDAY + weeks * WEEK, {10: came})

    assert find(database, settings).visitors[0] == (report.of_visitors(14),)


def test_a_mean_of_mostly_withheld_hours_is_withheld(database, settings, put):
    for weeks, came in enumerate((20, 0, 1)):
        put(MONDAY + weeks * WEEK, {10: came})

    assert find(database, settings).visitors[0] == (report.Estimate(),)


def test_running_days_and_hours_that_nobody_heard_are_left_out(database, settings, put):
    put(MONDAY, {10: 20, 11: 0}, heard_s={10: 3600, 11: 300})
    put(MONDAY + WEEK, {10: 90}, is_closed=False)

    found = find(database, settings)

    assert found.hours == (10,)
    assert found.visitors[0] == (report.of_visitors(20),)


def test_shut_hours_are_left_out_and_the_rest_is_in_the_order_of_a_day(database, tmp_path, put):
    hours = {"opening_hours": "22:00-02:00", "day_begins": "04:00"}
    settings = Settings(data_dir=tmp_path, store=hours)
    put(MONDAY, {21: 20, 22: 20, 23: 20, 24: 20, 25: 20, 26: 20})

    found = find(database, settings)

    assert found.hours == (22, 23, 0, 1)


def test_two_days_that_show_the_same_have_the_same_means(database, settings, put):
    put(MONDAY, {10: 18, 11: 4})
    one = find(database, settings, weeks=0)
    put(MONDAY + WEEK, {10: 22, 11: 0})

    other = weekday_hours.find(database, settings, MONDAY + WEEK, MONDAY + WEEK)

    assert one.visitors == other.visitors
