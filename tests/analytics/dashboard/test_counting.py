"""Counting people by hand and by file."""

import datetime as dt

import pytest

from analytics.calibration.counter_file import Fault
from analytics.dashboard import counting
from analytics.dashboard.counting import Tap
from core.models.counting_session import CountingPage, CountingSession, CountSource

ENTERED, PASSED = CountingSession.entered, CountingSession.passed
FILE = b"start,end,entered,passed\n2026-05-15 10:00,2026-05-15 11:00,34,210\n"


@pytest.fixture
def begin(database, settings, now):
    def start(name="alice", *, counts_passed=True):
        return counting.start(database, settings, name, now, counts_passed=counts_passed)

    return start


@pytest.fixture
def take(database, settings, now):
    return lambda octets: counting.take_file(database, settings, "alice", octets, now)


def counted(database, number):
    found = counting.find(database, number)
    return found.entered, found.passed


def test_people_are_counted_one_by_one(database, now, begin):
    number = begin()
    for column, step in ((ENTERED, 1), (ENTERED, 1), (PASSED, 3), (ENTERED, -1)):
        assert counting.add(database, number, column, step, now)

    assert counted(database, number) == (1, 3)


def test_there_are_never_fewer_than_none(database, now, begin):
    number = begin()
    counting.add(database, number, ENTERED, -5, now)

    assert counted(database, number) == (0, 0)


def test_who_does_not_count_passers_by_has_none_rather_than_zero(database, now, begin):
    number = begin(counts_passed=False)

    assert not counting.add(database, number, PASSED, 1, now)
    assert counted(database, number) == (0, None)


def test_a_tap_that_is_sent_again_counts_once(database, now, begin):
    number = begin()
    for tap in (Tap("a", 1), Tap("a", 1), Tap("a", 2), Tap("b", 1), Tap("a", 2), Tap("a", 1)):
        assert counting.add(database, number, ENTERED, 1, now, tap=tap)

    assert counted(database, number) == (3, 0)


def test_of_another_count_it_is_another_tap(database, now, begin):
    for number in (begin("alice"), begin("bob")):
        counting.add(database, number, ENTERED, 1, now, tap=Tap("a", 1))

        assert counted(database, number) == (1, 0)


def test_a_count_is_removed_with_what_is_known_of_its_taps(database, now, begin):
    number = begin()
    counting.add(database, number, ENTERED, 1, now, tap=Tap("a", 1))

    counting.remove(database, number)

    with database.reading() as session:
        assert session.query(CountingPage).count() == 0


def test_whoever_is_counting_goes_on_with_it(begin):
    assert begin() == begin()
    assert begin("bob") != begin()


def test_once_stopped_nothing_is_added(database, now, begin):
    number = begin()
    counting.stop(database, number, now)

    assert not counting.add(database, number, ENTERED, 1, now)
    assert counting.running(database, now) == []


def test_who_went_home_without_stopping_counts_no_more(database, now, begin):
    number = begin()
    later = now + counting.LONGEST

    assert not counting.add(database, number, ENTERED, 1, later)
    assert counting.running(database, later) == []


def test_a_door_counters_file_becomes_sessions(database, take):
    assert take(FILE) == (1, [])

    with database.reading() as session:
        (found,) = session.query(CountingSession)
    assert (found.entered, found.passed, found.source) == (34, 210, CountSource.COUNTER)
    assert found.ended_at - found.begun_at == dt.timedelta(hours=1)


def test_of_a_file_with_a_bad_line_nothing_is_taken(database, take):
    _, bad = take(FILE + b"nonsense,2026-05-15 12:00,1,1\n")

    assert [(each.line, each.fault) for each in bad] == [(3, Fault.TIME)]
    with database.reading() as session:
        assert session.query(CountingSession).count() == 0


def test_the_same_file_is_not_taken_twice(take):
    take(FILE)

    assert [each.fault for each in take(FILE)[1]] == [Fault.OVERLAP]


def test_what_was_counted_by_hand_meanwhile_does_no_harm(database, begin, now, take):
    counting.stop(database, begin(), now)

    assert take(FILE)[1] == []


@pytest.mark.parametrize("octets", [b"", b"\xff\xfe\x00", "开始,结束\n".encode("gb18030")])
def test_what_is_no_such_file_is_refused(take, octets):
    assert take(octets)[1]
