"""Whatever is computed of several days hangs on what the days show, and on nothing else."""

import datetime as dt
import functools

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analytics.figures import (
    anomalies,
    comparison,
    open_hours,
    period_report,
    report,
    weekday_hours,
)
from analytics.figures.suppression import rounded
from core.models.traffic import TrafficDay, TrafficHour
from core.settings import Settings
from tests.analytics.traffic_days import day_row

MONDAY = dt.date(2026, 5, 11)
DAY = dt.timedelta(days=1)
OPENS = dt.datetime(2026, 5, 11, 2, tzinfo=dt.UTC)
COUNTS = st.integers(0, 25)


@pytest.fixture
def shown(database, tmp_path):
    """Everything that is shown of some days, each given as the visitors of its hours."""
    settings = Settings(data_dir=tmp_path, store={"opening_hours": "10:00-12:00"})
    odd = functools.partial(anomalies.find, today=MONDAY + 5 * DAY)

    def everything(days):
        with database.writing() as session:
            for table in (TrafficDay, TrafficHour):
                session.query(table).delete()
            for number, hours in enumerate(days):
                session.add_all(rows(MONDAY + number * DAY, hours))
        last = MONDAY + (len(days) - 1) * DAY
        ranges = [(MONDAY, last), (MONDAY + DAY, last), (MONDAY, last - DAY)]
        return [
            [find(database, settings, *ends) for ends in ranges]
            for find in (period_report.find, weekday_hours.find, open_hours.find, odd)
        ] + [
            comparison.compare(database, settings, MONDAY + DAY, last, MONDAY),
            [report.find(database, settings, MONDAY + number * DAY) for number in range(len(days))],
        ]

    return everything


def rows(day, hours):
    row = day_row(day, sum(hours), 2 * sum(hours))
    start = OPENS + (day - MONDAY)
    return row, *(
        TrafficHour(
            start=start + number * dt.timedelta(hours=1),
            day=day,
            visitors=came,
            passers_by=2 * came,
            inside_mean=came,
        )
        for number, came in enumerate(hours)
    )


def swapped(hours):
    """As many in all, and each hour shown as it was: one more here, one less there, if it may."""
    for one in range(len(hours)):
        for other in range(len(hours)):
            moved = list(hours)
            moved[one] += 1
            moved[other] -= 1
            pairs = list(zip(hours, moved, strict=True))
            if one != other and all(
                new >= 0
                and all(rounded(times * old, 5) == rounded(times * new, 5) for times in (1, 2))
                for old, new in pairs
            ):
                return moved
    return None


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(COUNTS, min_size=4, max_size=4), min_size=3, max_size=5))
def test_days_that_show_the_same_are_the_same_in_every_sum_and_mean(shown, days):
    alike = [swapped(hours) or hours for hours in days]
    assume(alike != days)

    assert shown(days) == shown(alike)
