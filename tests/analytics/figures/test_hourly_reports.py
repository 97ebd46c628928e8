import datetime as dt

import sqlalchemy as sa

from analytics.figures import hourly_reports, report
from core import clock
from core.models.traffic import TrafficHour
from core.setting_groups.store import StoreSettings
from tests.analytics.traffic_days import day_row, hour_row

FIRST = dt.date(2026, 5, 4)
DAYS = [FIRST + dt.timedelta(days=number) for number in (0, 1, 3)]


def test_days_in_a_row_are_those_that_are_read_one_by_one(database, settings):
    hours = {"store": StoreSettings(opening_hours="Mo-Su 09:00-22:00")}
    settings = settings.model_copy(update=hours)
    with database.writing() as session:
        for day in [*DAYS, FIRST + dt.timedelta(days=9)]:
            session.add(day_row(day))
            for start in clock.hour_starts(day, settings.store.zone)[9:12]:
                session.add(hour_row(start, day, 40, 160))
        session.flush()
        for day, heard_s in ((FIRST, 3600), (DAYS[1], 60)):
            of_day = clock.hour_starts(day, settings.store.zone)
            session.get(TrafficHour, of_day[10]).heard_s = heard_s

    found = hourly_reports.find(database, settings, FIRST, FIRST + dt.timedelta(days=6))

    assert found == [report.find(database, settings, day) for day in DAYS]
    assert [len(each.hours) for each in found] == [3, 3, 3]
    assert [len(each.deaf_hours) for each in found] == [0, 1, 0]


def test_a_month_costs_no_more_looks_than_a_day(database, settings):
    with database.writing() as session:
        session.add_all(day_row(FIRST + dt.timedelta(days=number)) for number in range(30))
    asked = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    assert len(hourly_reports.find(database, settings, FIRST, FIRST + dt.timedelta(days=29))) == 30
    # Days, hours, and those that were silent.
    assert sum("traffic" in each for each in asked) <= 4
