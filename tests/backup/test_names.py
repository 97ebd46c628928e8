import datetime as dt

import pytest

from backup.names import Kind, Name, due, last_removed, of_store

DAY = dt.timedelta(days=1)
LAST = dt.datetime(2026, 11, 22, 18, 3, tzinfo=dt.UTC)


def backups(days, kind=Kind.DATA):
    return [Name("store-1", LAST - DAY * back, kind) for back in reversed(range(days))]


def test_a_name_is_read_as_it_is_written():
    name = Name("store-1", LAST, Kind.KEYS)

    assert Name.parse(str(name)) == name
    assert str(name) == "doorman-store-1-20261122T180300Z-keys.age"


def test_files_of_others_are_not_ours():
    others = ["notes.txt", "doorman-store-1-20261322T180300Z-data.age", "../x"]
    neighbour = str(Name("store-1-b", LAST, Kind.DATA))

    assert of_store([*others, neighbour], "store-1") == []


def test_the_newest_of_seven_days_and_of_four_weeks_stay():
    names = backups(60)

    kept = sorted(set(names) - set(due(names, 7, 4)), key=lambda name: name.at)

    # A Sunday: the three weeks before it end on Sundays, too.
    assert [(LAST - name.at).days for name in kept] == [21, 14, 7, 6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(("daily", "weekly"), [(7, 4), (1, 0), (1, 1)])
def test_the_newest_never_goes(daily, weekly):
    names = backups(90)

    assert names[-1] not in due(names, daily, weekly)


def test_a_box_that_was_off_for_long_keeps_what_it_has():
    names = [Name("store-1", LAST - DAY * back, Kind.DATA) for back in (300, 200)]

    assert due(names, 7, 4) == []


def test_of_one_day_the_newest_stays():
    earlier = Name("store-1", LAST - dt.timedelta(hours=3), Kind.DATA)

    assert due([earlier, Name("store-1", LAST, Kind.DATA)], 7, 4) == [earlier]


def test_keys_do_not_count_for_data():
    names = [*backups(2), *backups(2, Kind.KEYS)]

    assert due(names, 1, 0) == [names[0], names[2]]


def test_with_no_days_nothing_is_ever_removed():
    assert due(backups(400), 0, 0) == []


@pytest.mark.parametrize(("daily", "weekly"), [(7, 4), (7, 0), (1, 1), (30, 4), (3, 53)])
@pytest.mark.parametrize("weekday", range(7))
def test_it_is_known_when_the_last_backup_of_a_moment_goes(weekday, daily, weekly):
    at = LAST + DAY * weekday
    there, days = [], {}
    for back in range(-30, 400):
        there.append(Name("store-1", at + DAY * back, Kind.DATA))
        gone = due(there, daily, weekly)
        there = [name for name in there if name not in gone]
        days[there[-1].at.date()] = any(name.at <= at for name in there)

    end = last_removed(at, daily, weekly)
    # Not later, and of a Sunday, the newest of its week, to the day.
    assert not any(is_there for day, is_there in days.items() if day >= end)
    assert at.weekday() != 6 or days[end - DAY]


def test_what_is_never_removed_has_no_end():
    assert last_removed(LAST, 0, 4) is None
