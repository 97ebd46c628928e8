import datetime as dt

import pytest

from analytics.figures import open_hours, report
from core.models.traffic import TrafficHour
from core.settings import Settings
from tests.analytics.traffic_days import day_row

MONDAY = dt.date(2026, 5, 11)
DAY = dt.timedelta(days=1)


@pytest.fixture
def put(database):
    """Puts a day into the database: clock hours in Shanghai to passers-by and visitors."""

    def add(day, hours, **changes):
        midnight = dt.datetime.combine(day, dt.time(), dt.UTC) - dt.timedelta(hours=8)
        row = day_row(day, sum(came for _, came in hours.values()))
        row.dwell_under_5_min = 20
        for name, value in changes.items():
            setattr(row, name, value)
        with database.writing() as session:
            session.add(row)
            for hour, (passed, came) in hours.items():
                start = midnight + dt.timedelta(hours=hour)
                session.add(TrafficHour(start=start, day=day, passers_by=passed, visitors=came))

    return add


@pytest.fixture
def find(database, tmp_path):
    def found(opening_hours="Mo-Sa 10:00-12:00", days=7, **store):
        store = {"opening_hours": opening_hours, **store}
        settings = Settings(data_dir=tmp_path, store=store)
        return open_hours.find(database, settings, MONDAY, MONDAY + (days - 1) * DAY)

    return found


HOURS = {8: (10, 0), 9: (30, 0), 10: (100, 20), 11: (100, 40), 12: (60, 0), 13: (20, 0)}


def test_tells_open_hours_from_the_rest(put, find):
    put(MONDAY, HOURS)

    found = find()

    assert (found.days, found.shut_days) == (1, 0)
    assert found.visitors == report.of_visitors(60)
    assert found.passers_by == report.of_passers_by(200)
    assert found.before_opening.value == 30
    assert found.after_closing.value == 60
    assert found.entry_rate.value == round((60 + 20) / 260, 4)


def test_a_day_on_which_the_store_was_shut_is_in_no_figure(put, find):
    put(MONDAY, HOURS)
    put(MONDAY + 6 * DAY, HOURS)

    found = find()

    assert (found.days, found.shut_days) == (1, 1)
    assert found.visitors.value == 60


def test_an_hour_that_is_partly_open_is_open(put, find):
    put(MONDAY, HOURS)

    assert find("10:30-11:30").visitors.value == 60


def test_a_break_at_noon_is_neither_before_nor_after(put, find):
    put(MONDAY, HOURS)

    found = find("09:00-10:00,12:00-13:00")

    assert (found.passers_by.value, found.before_opening.value) == (90, 10)
    assert found.after_closing.value == 20


def test_a_night_goes_by_the_day_it_began_on(put, find):
    put(MONDAY, {20: (30, 5), 21: (30, 5), 23: (50, 10), 24: (40, 10), 25: (20, 5), 26: (10, 0)})

    found = find("22:00-02:00", day_begins="04:00")

    assert found.passers_by.value == 110
    assert found.before_opening.value == 30
    assert found.after_closing.value == 10


def test_the_hour_after_midnight_s_closing_is_that_of_the_next_date(put, find):
    for number, at_midnight in enumerate((50, 20, 30)):
        put(MONDAY + number * DAY, {0: (at_midnight, 0), 9: (10, 0), 23: (100, 20)})

    assert find("10:00-24:00").after_closing.value == 20 + 30


def test_the_hour_before_midnight_s_opening_is_that_of_the_date_before(put, find):
    for number, before_midnight in enumerate((20, 30, 50)):
        put(MONDAY + number * DAY, {0: (100, 20), 8: (10, 0), 23: (before_midnight, 0)})

    assert find("00:00-08:00").before_opening.value == 20 + 30


def test_a_store_that_is_always_open_neither_opens_nor_closes(put, find):
    put(MONDAY, dict.fromkeys(range(24), (50, 10)))
    put(MONDAY + DAY, dict.fromkeys(range(24), (50, 10)))

    found = find("24/7")

    assert (found.before_opening, found.after_closing) == (report.Estimate(),) * 2
    assert found.visitors.value == 480


@pytest.mark.parametrize("changes", [pytest.param({"closed_at": None}, id="running")])
def test_a_day_that_is_not_over_is_left_out(put, find, changes):
    put(MONDAY, HOURS, **changes)

    assert (find().days, find().visitors) == (0, report.Estimate())


def test_withheld_hours_count_as_the_middle_and_too_many_withhold_the_sum(put, find):
    put(MONDAY, {10: (100, 20), 11: (100, 20), 12: (50, 3)})

    assert find("10:00-13:00").visitors.value == 42
    assert find("11:00-13:00").visitors == report.Estimate()


def test_without_hours_there_is_nothing_to_tell(find):
    assert find("") is None
