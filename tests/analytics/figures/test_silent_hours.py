import datetime as dt

import pytest

from analytics.figures import comparison, report
from core.clock import hour_starts
from core.settings import Settings
from tests.analytics.traffic_days import day_row, hour_row

MONDAY = dt.date(2026, 5, 11)
DAY = dt.timedelta(days=1)
ALL_DAY = range(24)
BY_DAY = range(9, 23)


@pytest.fixture
def store(database, tmp_path):
    """A store of which days are put in by the hours on the clock in which its sensor heard."""

    class Store:
        settings = Settings(data_dir=tmp_path)

        def opens(self, opening_hours):
            self.settings = Settings(data_dir=tmp_path, store={"opening_hours": opening_hours})

        def put(self, day, heard, **changes):
            row = day_row(day)
            row.heard_s = None if heard is None else 3600 * len(heard)
            for name, value in changes.items():
                setattr(row, name, value)
            with database.writing() as session:
                session.add(row)
                for number, start in enumerate(hour_starts(day, self.settings.store.zone)):
                    hour = hour_row(start.astimezone(dt.UTC), day, 10, 30)
                    hour.heard_s = None if heard is None else 3600 * (number in heard)
                    session.add(hour)

        def silent(self, day):
            one = report.find(database, self.settings, day)
            (other,) = report.recent(database, self.settings, day, 1)
            assert one.deaf_hours == other.deaf_hours
            return [hour.hour for hour in one.deaf_hours]

        def compare(self, days):
            first = MONDAY + 7 * DAY
            last = first + (days - 1) * DAY
            return comparison.compare(database, self.settings, first, last, MONDAY)

    return Store()


@pytest.mark.parametrize("opening_hours", ["", "24/7", "10:00-22:00"])
def test_before_a_store_had_a_sensor_it_was_not_silent(store, opening_hours):
    store.opens(opening_hours)
    store.put(MONDAY, range(12, 24))

    assert store.silent(MONDAY) == []


def test_hours_before_it_was_ever_told_who_heard_were_not_silent(store):
    """As on the day of an update."""
    store.opens("24/7")
    store.put(MONDAY, None)
    store.put(MONDAY + DAY, range(12, 20))

    assert store.silent(MONDAY + DAY) == [20, 21, 22, 23]


def test_power_off_at_night_is_no_fault_and_its_days_are_compared(store):
    for number in range(14):
        store.put(MONDAY + number * DAY, BY_DAY)

    assert [store.silent(MONDAY + number * DAY) for number in range(14)] == [[]] * 14
    assert len(store.compare(7).pairs) == 7


def test_hours_in_which_it_usually_hears_are_silent_without_opening_hours(store):
    for number in range(3):
        store.put(MONDAY + number * DAY, BY_DAY)
    store.put(MONDAY + 3 * DAY, range(9, 19))

    assert store.silent(MONDAY + 3 * DAY) == [19, 20, 21, 22]


def test_what_is_usual_is_not_known_at_first(store):
    for number in range(2):
        store.put(MONDAY + number * DAY, BY_DAY)
    store.put(MONDAY + 2 * DAY, range(9, 19))

    assert store.silent(MONDAY + 2 * DAY) == []


def test_a_weekday_on_which_it_is_switched_off_earlier_is_learnt(store):
    sunday = MONDAY + 6 * DAY
    for number in range(14):
        day = MONDAY + number * DAY
        store.put(day, range(9, 18) if day.weekday() == 6 else BY_DAY)

    assert store.silent(sunday) == [18, 19, 20, 21, 22]
    assert store.silent(sunday + 7 * DAY) == []


def test_with_opening_hours_silence_is_that_of_open_hours(store):
    store.opens("Mo-Sa 10:30-22:00; Su off")
    for number in (0, 6):
        store.put(MONDAY + number * DAY, range(11, 20))
        store.put(MONDAY + (number + 7) * DAY, range(11, 20))

    assert store.silent(MONDAY) == [20, 21]
    assert store.silent(MONDAY + 7 * DAY) == [10, 20, 21]
    assert store.silent(MONDAY + 13 * DAY) == []


def test_hours_that_are_not_over_are_not_silent(store):
    store.opens("10:00-22:00")
    store.put(MONDAY, ALL_DAY)
    at = dt.datetime(2026, 5, 12, 7, 30, tzinfo=dt.UTC)
    store.put(MONDAY + DAY, range(13), closed_at=None, updated_at=at)

    assert store.silent(MONDAY + DAY) == [13, 14]
