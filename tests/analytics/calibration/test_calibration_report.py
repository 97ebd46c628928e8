"""What was counted at the door, set against what was estimated for the same time."""

import datetime as dt

import pytest

from analytics.calibration import calibration_report, thresholds
from analytics.calibration.calibration_report import Stale, Unusable
from core import clock
from core.models.counting_session import CountingSession, CountSource
from core.models.day_note import DayNote, NoteKind
from core.models.traffic import DWELL_BUCKETS, TrafficDay, TrafficHour

DAY = dt.date(2026, 5, 11)
VISITORS, PASSERS_BY = 40, 200


@pytest.fixture
def opened(database, settings):
    """A closed day with 40 visitors and 200 passers-by an hour from 10 to 20."""

    def put(day=DAY, visitors=VISITORS, closed=True, updated_at=None, dbm=(-65, -88), **more):
        start, end = clock.day_bounds(day, settings.store.zone)
        hours = [start + dt.timedelta(hours=hour) for hour in range(10, 20)]
        row = TrafficDay(
            day=day, probe_requests=9, fixtures=0, updated_at=updated_at or end,
            closed_at=end if closed else None, inside_dbm=dbm[0], outside_dbm=dbm[1],
        )  # fmt: skip
        for name in ("passers_by", "visitors"):
            for part in ("", "_low", "_high"):
                setattr(row, name + part, 10 * PASSERS_BY)
        for bucket in DWELL_BUCKETS:
            setattr(row, bucket, 0)
        with database.writing() as session:
            session.add(row)
            session.add_all(
                TrafficHour(start=at, day=day, passers_by=PASSERS_BY, visitors=visitors, **more)
                for at in hours
            )

    return put


@pytest.fixture
def count(database, settings):
    def put(day=DAY, at=10.0, hours=1.0, entered=60, passed=None, **more):
        start, _ = clock.day_bounds(day, settings.store.zone)
        begun_at = start + dt.timedelta(hours=at)
        session_of_it = CountingSession(
            user_name="alice", source=CountSource.HAND, begun_at=begun_at,
            ended_at=begun_at + dt.timedelta(hours=hours), entered=entered, passed=passed,
            rules=thresholds.rules_hash(settings),
        )  # fmt: skip
        for name, value in more.items():
            setattr(session_of_it, name, value)
        with database.writing() as session:
            session.add(session_of_it)

    return put


@pytest.fixture
def found(database, settings, now):
    return lambda **later: calibration_report.find(database, settings, now + dt.timedelta(**later))


def test_without_a_count_nothing_is_known(found, opened):
    opened()

    assert (found().visitors, found().is_fresh, found().lines) == (None, False, ())


def test_sessions_are_set_against_the_hours_they_were_in(found, opened, count):
    opened()
    for at in (10, 11, 12, 13):
        count(at=at, entered=60, passed=300)

    calibration = found()

    assert (calibration.visitors.people, calibration.visitors.devices) == (240, 160)
    assert (calibration.passers_by.people, calibration.passers_by.devices) == (1200, 800)
    assert calibration.visitors.value == pytest.approx(1.5, rel=0.05)
    assert calibration.is_fresh
    assert calibration.visitors_in_force is calibration.visitors


@pytest.mark.parametrize(
    ("span", "devices"),
    [((10.5, 1), 40), ((10.25, 0.5), 20), ((10, 3), 120), ((18.5, 1.5), 60)],
)
def test_part_of_an_hour_takes_its_part_of_the_devices(found, opened, count, span, devices):
    opened()
    count(at=span[0], hours=span[1])

    assert found().lines[0].visitors == pytest.approx(devices)


def test_who_did_not_count_passers_by_says_nothing_about_them(found, opened, count):
    opened()
    for at in (10, 11):
        count(at=at)

    assert found().visitors is not None
    assert found().passers_by is None


@pytest.mark.parametrize(
    ("at", "day"),
    [
        pytest.param(19.5, DAY, id="half of it after closing"),
        pytest.param(10, DAY - dt.timedelta(days=1), id="no such day"),
    ],
)
def test_a_session_without_figures_beside_it_is_left_out(found, opened, count, at, day):
    opened()
    count(at=at, day=day)

    assert found().lines[0].unusable is Unusable.NO_FIGURES
    assert found().visitors is None


def test_a_session_in_an_hour_that_is_withheld_is_left_out(found, opened, count):
    """Else the factor would tell a number that nobody may see."""
    opened(visitors=3)
    count(passed=300)

    assert found().lines[0].visitors is None
    assert found().visitors is None


def test_a_session_while_the_sensor_was_deaf_is_left_out(found, opened, count):
    opened(heard_s=1800)
    count()

    assert found().lines[0].unusable is Unusable.NO_FIGURES


def test_an_hour_that_is_not_finally_counted_is_waited_for(found, opened, count, settings, now):
    today = settings.today(now)  # it is 14:30
    opened(today, closed=False, updated_at=now)
    count(today, at=13)
    count(today, at=14, ended_at=None)

    assert [line.unusable for line in found().lines] == [Unusable.RUNNING] * 2


def test_after_three_months_a_count_is_old(found, opened, count):
    opened()
    count()

    assert found(days=80).stale == ()
    assert found(days=86).stale == (Stale.OLD,)
    assert found(days=86).visitors is not None
    assert found(days=86).visitors_in_force is None


def test_counts_older_than_that_do_not_count_beside_newer_ones(found, opened, count):
    opened()
    opened(DAY - dt.timedelta(days=100))
    count()
    count(DAY - dt.timedelta(days=100))

    assert found().visitors.sessions == 1


def test_when_the_sensor_was_moved_a_count_is_stale_until_there_is_a_new_one(
    found, opened, count, database, now
):
    opened()
    count()
    moved = DayNote(first=DAY, last=DAY, kind=NoteKind.SENSOR_MOVED, text="", written_at=now)
    with database.writing() as session:
        session.add(moved)
    assert found().stale == (Stale.SENSOR_MOVED,)

    next_day = DAY + dt.timedelta(days=1)
    opened(next_day)
    count(next_day, entered=90)

    assert found().stale == ()
    assert found().visitors.people == 90


@pytest.mark.parametrize(
    ("dbm", "stale"),
    [((-63, -87), ()), ((-58, -88), (Stale.THRESHOLDS,)), ((-65, -80), (Stale.THRESHOLDS,))],
)
def test_when_days_are_counted_with_other_thresholds_a_count_is_stale(
    found, opened, count, dbm, stale
):
    opened()
    count()
    opened(DAY + dt.timedelta(days=2), dbm=dbm)

    assert found().stale == stale


def test_when_settings_change_what_a_device_is_a_count_is_stale(found, opened, count):
    opened()
    count(rules="of another time")

    assert found().stale == (Stale.SETTINGS,)


def test_a_newer_day_that_says_something_else_makes_it_stale(found, opened, count):
    for ago, entered in ((0, 150), (1, 50), (2, 52), (3, 48)):
        day = DAY - dt.timedelta(days=ago)
        opened(day)
        for at in (10, 12, 14, 16):
            count(day, at=at, entered=entered)

    assert found().stale == (Stale.CONTRADICTED,)


def test_days_that_agree_do_not(found, opened, count):
    for ago, entered in ((0, 58), (1, 50), (2, 52), (3, 63)):
        day = DAY - dt.timedelta(days=ago)
        opened(day)
        count(day, entered=entered)

    assert found().is_fresh
