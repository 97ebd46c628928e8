import datetime as dt

import sqlalchemy as sa

from analytics import hourly_reports, report
from core import clock
from tests.analytics.traffic_days import day_row, hour_row

FIRST = dt.date(2026, 5, 4)
DAYS = [FIRST + dt.timedelta(days=number) for number in (0, 1, 3)]


def test_days_in_a_row_are_those_that_are_read_one_by_one(database, settings):
    with database.writing() as session:
        for day in [*DAYS, FIRST + dt.timedelta(days=9)]:
            session.add(day_row(day))
            for start in clock.hour_starts(day, settings.store.zone)[9:12]:
                session.add(hour_row(start, day, 40, 160))

    found = hourly_reports.find(database, settings, FIRST, FIRST + dt.timedelta(days=6))

    assert found == [report.find(database, settings, day) for day in DAYS]
    assert [len(each.hours) for each in found] == [3, 3, 3]


def test_a_month_costs_no_more_looks_than_a_day(database, settings):
    with database.writing() as session:
        session.add_all(day_row(FIRST + dt.timedelta(days=number)) for number in range(30))
    asked = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    assert len(hourly_reports.find(database, settings, FIRST, FIRST + dt.timedelta(days=29))) == 30
    assert sum("traffic" in each for each in asked) == 2
