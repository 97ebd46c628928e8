import datetime as dt
import math
import random

import pytest

from analytics.figures import comparison, period_report, report
from core.models.day_note import DayNote, NoteKind
from tests.analytics.traffic_days import day_row, hour_row

MONDAY = dt.date(2026, 5, 11)
DAY = dt.timedelta(days=1)
WEEK = 7 * DAY


@pytest.fixture
def put(database):
    """Puts days into the database: the first day, then the visitors of each."""

    def add(first, visitors, **changes):
        with database.writing() as session:
            for number, came in enumerate(visitors):
                if came is not None:
                    session.add(changed(day_row(first + number * DAY, came), changes))

    return add


@pytest.fixture
def compare(database, settings):
    def found(first, days, with_first):
        last = first + (days - 1) * DAY
        return comparison.compare(database, settings, first, last, with_first)

    return found


def test_sets_each_weekday_beside_its_like(put, compare):
    put(MONDAY - WEEK, [100, 110, 120, 130, 140, 300, 250])
    put(MONDAY, [120, 130, 145, 155, 170, 360, 300])

    found = compare(MONDAY, 7, MONDAY - WEEK)

    change = found.changes.visitors
    assert change.value == pytest.approx(0.2, abs=0.02)
    assert change.pairs == 7
    assert change.is_clear
    assert found.pairs[5] == (MONDAY + 5 * DAY, MONDAY - 2 * DAY)
    assert found.left_out == ()


def test_what_chance_may_have_done_is_no_clear_change(put, compare):
    put(MONDAY - WEEK, [100, 150, 90, 130, 140, 300, 250])
    put(MONDAY, [130, 110, 120, 100, 180, 280, 310])

    change = compare(MONDAY, 7, MONDAY - WEEK).changes.visitors

    assert change.low < 0 < change.high
    assert not change.is_clear


def test_of_two_days_nothing_is_said_of_chance(put, compare):
    put(MONDAY - WEEK, [100, 100])
    put(MONDAY, [200, 200])

    change = compare(MONDAY, 2, MONDAY - WEEK).changes.visitors

    assert (change.value, change.low, change.high) == (1.0, None, None)
    assert not change.is_clear


def test_ranges_that_are_no_whole_weeks_apart_are_paired_by_weekday(put, compare):
    put(MONDAY - 10 * DAY, [100] * 7)
    put(MONDAY, [100] * 7)

    found = compare(MONDAY, 7, MONDAY - 10 * DAY)

    assert len(found.pairs) == 7
    assert all(mine.weekday() == theirs.weekday() for mine, theirs in found.pairs)


def test_a_day_without_a_like_is_left_out_and_said(put, compare):
    put(MONDAY - WEEK, [100, None, 100])
    put(MONDAY, [100, 100, 100])

    found = compare(MONDAY, 3, MONDAY - WEEK)

    assert found.left_out == (MONDAY + DAY,)
    assert found.changes.visitors.pairs == 2


def test_days_that_a_note_tells_of_are_left_out(put, compare, database, now):
    put(MONDAY - WEEK, [100] * 7)
    put(MONDAY, [100] * 7)
    note = DayNote(
        first=MONDAY - WEEK,
        last=MONDAY - WEEK,
        kind=NoteKind.CLOSED,
        text="painters",
        written_at=now,
    )
    with database.writing() as session:
        session.add(note)

    found = compare(MONDAY, 7, MONDAY - WEEK)

    assert found.left_out == (MONDAY,)


def test_a_running_day_is_not_compared(put, compare):
    put(MONDAY - WEEK, [100])
    put(MONDAY, [100], closed_at=None)

    assert compare(MONDAY, 1, MONDAY - WEEK).pairs == ()


def test_a_day_in_which_the_sensor_was_silent_is_not_compared(put, compare, database):
    put(MONDAY - WEEK, [100] * 7, heard_s=86400)
    put(MONDAY, [100, 100], heard_s=82800)
    noon = dt.datetime(2026, 5, 11, 4, tzinfo=dt.UTC)
    with database.writing() as session:
        for day, heard_s in ((MONDAY - WEEK, 3600), (MONDAY, 0)):
            hour = hour_row(noon + (day - MONDAY), day, 0, 0)
            hour.heard_s = heard_s
            session.add(hour)

    found = compare(MONDAY, 2, MONDAY - WEEK)

    assert found.left_out == found.this.days_deaf == (MONDAY,)


def test_a_withheld_figure_makes_no_pair(put, compare):
    put(MONDAY - WEEK, [100, 3])
    put(MONDAY, [100, 100])

    changes = compare(MONDAY, 2, MONDAY - WEEK).changes

    assert (changes.visitors.pairs, changes.passers_by.pairs) == (1, 2)


def test_rounded_figures_that_differ_alike_say_nothing_of_chance(put, compare):
    put(MONDAY - WEEK, [100] * 7)
    put(MONDAY, [105] * 7)

    changes = compare(MONDAY, 7, MONDAY - WEEK).changes

    assert (changes.visitors.value, changes.visitors.low) == (0.05, None)
    assert (changes.dwell.value, changes.dwell.low) == (0, None)
    assert not changes.visitors.is_clear


def test_a_rate_changes_by_points(put, compare):
    put(MONDAY - WEEK, [100] * 4, passers_by=400, dwell_under_5_min=50)
    put(MONDAY, [100] * 4, passers_by=400, dwell_under_5_min=100)

    assert compare(MONDAY, 4, MONDAY - WEEK).changes.entry_rate.value == pytest.approx(0.1)


def test_a_year_before_is_the_same_weekday():
    assert period_report.year_before(MONDAY).weekday() == MONDAY.weekday()


@pytest.mark.parametrize("likeness", [0.0, 0.4])
def test_of_weeks_that_do_not_differ_few_seem_to(settings, likeness):
    """Days in a row are alike, which makes chance look smaller than it is."""
    rng = random.Random(5)
    trials, clear = 150, 0
    for _ in range(trials):
        noise, days = 0.0, []
        for number in range(28):
            noise = likeness * noise + rng.gauss(0, 0.15)
            days.append(day_row(MONDAY + number * DAY, round(400 * math.exp(noise))))
        reports = [report.of(day, (), settings) for day in days]
        pairs = list(zip(reports[14:], reports[:14], strict=True))
        clear += comparison.of_pairs(pairs).visitors.is_clear

    assert clear / trials < 0.15


def test_a_day_is_set_beside_the_median_of_its_weekday(put, database, settings):
    for weeks, came in enumerate((100, 110, 90, 100, 400), start=1):
        put(MONDAY - weeks * WEEK, [came, 7])
    put(MONDAY, [300])

    found = comparison.with_usual(database, settings, MONDAY)

    assert found.visitors.value == pytest.approx(2.0)
    assert found.visitors.pairs == 5
    assert found.visitors.low < 0 < found.visitors.high
    assert found.passers_by.value == 0


def test_a_day_beyond_what_like_days_differ_by_is_a_clear_change(put, database, settings):
    for weeks, came in enumerate((100, 110, 90, 100, 105, 95, 100, 110), start=1):
        put(MONDAY - weeks * WEEK, [came])
    put(MONDAY, [150])

    assert comparison.with_usual(database, settings, MONDAY).visitors.is_clear


def test_a_day_that_is_not_over_or_not_known_is_beside_nothing(put, database, settings):
    put(MONDAY, [100], closed_at=None)

    assert comparison.with_usual(database, settings, MONDAY) is None
    assert comparison.with_usual(database, settings, MONDAY + DAY) is None


def changed(row, changes):
    for name, value in changes.items():
        setattr(row, name, value)
    return row
