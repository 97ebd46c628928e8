import datetime as dt
import zoneinfo

import pandas as pd
import pytest

from analytics import traffic
from core.clock import day_bounds

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
DAY = dt.date(2026, 5, 16)


def visits(*rows):
    """From (UTC moment, seconds inside, visitor)."""
    return pd.DataFrame(
        {
            "first_s": [float(at.timestamp()) for at, _, _ in rows],
            "inside_s": [float(inside_s) for _, inside_s, _ in rows],
            "entered": pd.array([inside_s > 0 for _, inside_s, _ in rows], dtype="bool"),
            "visitor": pd.array([visitor for _, _, visitor in rows], dtype="bool"),
        }
    )


def sum_up(table, day=DAY, zone=SHANGHAI, until=None):
    return traffic.sum_up(table, day, zone, until or day_bounds(day, zone)[1])


def at(hour, minute=0):
    return dt.datetime(2026, 5, 16, hour, minute, tzinfo=SHANGHAI)


def test_a_visit_belongs_to_the_hour_in_which_it_began():
    figures = sum_up(visits((at(9, 59), 7200, True), (at(10), 0, False), (at(10, 59), 400, True)))

    busy = {
        hour.start.astimezone(SHANGHAI).hour: (hour.passers_by, hour.visitors)
        for hour in figures.hours
        if hour.passers_by or hour.visitors
    }
    assert busy == {9: (0, 1), 10: (1, 1)}
    assert (figures.passers_by, figures.visitors) == (1, 2)


def test_hours_that_have_not_begun_have_no_figures():
    figures = sum_up(visits((at(9), 400, True)), until=at(10, 30))

    assert [hour.start.astimezone(SHANGHAI).hour for hour in figures.hours] == list(range(11))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        pytest.param("Asia/Shanghai", dt.date(2026, 3, 29), 24, id="no-summer-time"),
        pytest.param("Europe/Berlin", dt.date(2026, 3, 29), 23, id="clocks-go-forward"),
        pytest.param("Europe/Berlin", dt.date(2026, 10, 25), 25, id="clocks-go-back"),
        pytest.param("Asia/Kathmandu", dt.date(2026, 5, 16), 24, id="quarter-hour-zone"),
        pytest.param("Australia/Lord_Howe", dt.date(2026, 4, 5), 24, id="clocks-go-back-half"),
        pytest.param("America/Sao_Paulo", dt.date(2018, 11, 4), 23, id="no-midnight"),
    ],
)
def test_every_visit_of_a_store_day_falls_into_one_of_its_hours(zone, day, hours):
    zone = zoneinfo.ZoneInfo(zone)
    start, end = day_bounds(day, zone)
    every_ten_minutes = [start + dt.timedelta(minutes=10 * n) for n in range(25 * 6 + 1)]
    table = visits(*((moment, 400, True) for moment in every_ten_minutes if moment < end))

    figures = sum_up(table, day, zone)

    assert len(figures.hours) == hours
    assert sum(hour.visitors for hour in figures.hours) == figures.visitors == len(table)
    assert all(hour.visitors >= 3 for hour in figures.hours)
    assert {hour.start.astimezone(zone).date() for hour in figures.hours} == {day}


def test_an_hour_that_comes_twice_is_two_hours():
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    first = dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0)
    second = dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)

    figures = sum_up(visits((first, 0, False), (second, 400, True)), first.date(), berlin)

    twice = [h for h in figures.hours if h.start.astimezone(berlin).hour == 2]
    assert [(hour.passers_by, hour.visitors) for hour in twice] == [(1, 0), (0, 1)]


def test_dwell_counts_all_who_came_inside_and_its_quartiles_visitors_alone():
    minutes = [(1, False), (5, True), (19, True), (20, True), (60, True), (400, True)]
    rows = [(at(9), 60 * length, visitor) for length, visitor in minutes]

    figures = sum_up(visits(*rows, (at(9), 0, False)))

    assert list(figures.dwell_visits.values()) == [1, 2, 1, 1, 1]
    assert figures.dwell_quartiles_s == (19 * 60, 20 * 60, 60 * 60)


def test_a_day_without_visits_has_no_dwell():
    figures = sum_up(visits())

    assert figures.dwell_quartiles_s is None
    assert (figures.passers_by, figures.visitors) == (0, 0)
