import datetime as dt
import zoneinfo

import numpy as np
import pytest

from analytics.visits import traffic, visits, windows
from analytics.visits.occupancy import Occupancy
from core.clock import day_bounds
from core.setting_groups.traffic import TrafficSettings

RULES = TrafficSettings()
SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
DAY = dt.date(2026, 5, 16)
SECOND_US = 1_000_000


def visit(begin, inside_s, *, stayed_s=None):
    """A visit that was inside from its first moment on, if at all."""
    row = np.zeros(1, visits.VISIT)
    row["first_us"] = row["first_inside_us"] = round(begin.timestamp()) * SECOND_US
    row["last_us"] = row["first_us"] + (inside_s if stayed_s is None else stayed_s) * SECOND_US
    row["inside_us"] = inside_s * SECOND_US
    if not inside_s:
        row["first_inside_us"] = row["last_inside_us"] = -1
    return row


def sum_up(*rows, day=DAY, zone=SHANGHAI, until=None):
    found = np.concatenate([visits.NO_VISITS, *rows])
    was_inside = found["inside_us"] > 0
    of_day = windows.put_together([windows.BEFORE], 0, np.empty(0, np.int64), {}, RULES)._replace(
        visits=visits.judged(found, RULES),
        inside=Occupancy.of(found["first_us"][was_inside], found["inside_us"][was_inside]),
    )
    return traffic.sum_up(of_day, day, zone, until or day_bounds(day, zone)[1], RULES)


def at(hour, minute=0):
    return dt.datetime(2026, 5, 16, hour, minute, tzinfo=SHANGHAI)


def busy(figures, zone=SHANGHAI):
    return {
        hour.start.astimezone(zone).hour: (hour.counts.passers_by, hour.counts.visitors)
        for hour in figures.hours
        if hour.counts.passers_by or hour.counts.visitors
    }


def test_a_visit_belongs_to_the_hour_in_which_it_began():
    figures = sum_up(visit(at(9, 59), 7200), visit(at(10), 0), visit(at(10, 59), 400))

    assert busy(figures) == {9: (0, 1), 10: (1, 1)}
    assert figures.counts[:2] == (1, 2)


def test_hours_that_have_not_begun_have_no_figures():
    figures = sum_up(visit(at(9), 400), until=at(10, 30))

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
    rows = [visit(moment, 400) for moment in every_ten_minutes if moment < end]

    figures = sum_up(*rows, day=day, zone=zone)

    assert len(figures.hours) == hours
    in_hours = sum(hour.counts.visitors for hour in figures.hours)
    assert in_hours == figures.counts.visitors == len(rows)
    assert all(hour.counts.visitors >= 3 for hour in figures.hours)
    assert {hour.start.astimezone(zone).date() for hour in figures.hours} == {day}


def test_an_hour_that_comes_twice_is_two_hours():
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    first = dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0)
    second = dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)

    figures = sum_up(visit(first, 0), visit(second, 400), day=first.date(), zone=berlin)

    twice = [h.counts for h in figures.hours if h.start.astimezone(berlin).hour == 2]
    assert [counts[:2] for counts in twice] == [(1, 0), (0, 1)]


def test_dwell_counts_all_who_came_inside_and_its_quartiles_visitors_alone():
    rows = [visit(at(9), 60 * minutes) for minutes in (1, 5, 19, 20, 60, 400)]

    figures = sum_up(*rows, visit(at(9), 0))

    assert list(figures.dwell_visits.values()) == [1, 2, 1, 1, 1]
    assert figures.dwell_quartiles_s == (19 * 60, 20 * 60, 60 * 60)


def test_who_was_inside_at_all_is_an_entry_visitor_or_not():
    figures = sum_up(visit(at(9), 0), visit(at(9), 60), visit(at(9), 400), visit(at(9), 900))

    assert figures.counts == traffic.Counts(passers_by=2, visitors=2, entries=3, bounces=1)


@pytest.mark.parametrize(
    ("minutes_later", "bounces"),
    [
        pytest.param(20, 0, id="may-still-be-there"),
        pytest.param(22, 1, id="has-left"),
    ],
)
def test_nobody_bounces_who_may_still_be_inside(minutes_later, bounces):
    figures = sum_up(visit(at(9), 360), until=at(9, minutes_later))

    assert figures.counts.bounces == bounces


def test_hours_say_how_many_were_inside_on_average():
    figures = sum_up(visit(at(9, 30), 3600), visit(at(9, 30), 1800), until=at(10, 45))

    inside = {h.start.astimezone(SHANGHAI).hour: h.inside_mean for h in figures.hours}
    # The running hour, by as much of it as is gone.
    assert inside == dict.fromkeys(range(9), 0.0) | {9: 1.0, 10: 0.67}


def test_a_day_without_visits_has_no_dwell():
    figures = sum_up()

    assert figures.dwell_quartiles_s is None
    assert figures.counts == (0, 0, 0, 0)
