import datetime as dt

import pytest

from analytics.calibration import learnt_zones
from core.models.day_note import DayNote, NoteKind
from core.models.traffic import DWELL_BUCKETS, TrafficDay

TODAY = dt.date(2026, 5, 16)
_ZEROES = ("probe_requests", "fixtures", "passers_by", "visitors", *DWELL_BUCKETS)


@pytest.fixture
def shown(database, now):
    """Writes what the days before today have shown, the newest last."""

    def write(*inside_dbm):
        with database.writing() as session:
            for ago, dbm in enumerate(reversed(inside_dbm), start=1):
                session.add(
                    TrafficDay(
                        **dict.fromkeys(_ZEROES, 0),
                        day=TODAY - dt.timedelta(days=ago),
                        learnt_inside_dbm=dbm,
                        learnt_outside_dbm=None if dbm is None else dbm - 30,
                        updated_at=now,
                    )
                )

    return write


def find(database, of_day=None):
    with database.reading() as session:
        return learnt_zones.find(session, TODAY, of_day)


def test_one_odd_day_does_not_move_the_thresholds(database, shown):
    shown(-66, -65, -66, -50)

    assert find(database, (-66, -96)) == (-66, -96)


def test_older_days_are_forgotten(database, shown):
    shown(*[-50] * 30, *[-66] * 14)

    assert find(database) == (-66, -96)


def test_days_that_showed_nothing_do_not_count(database, shown):
    shown(-66, None, None)

    assert find(database) == (-66, -96)


def test_nothing_is_learnt_from_nothing(database, shown):
    shown(None)

    assert find(database) is None


def test_days_before_the_sensor_was_moved_do_not_count(database, shown, now):
    shown(-50, -50, -50, -66)
    yesterday = TODAY - dt.timedelta(days=1)
    with database.writing() as session:
        session.add(
            DayNote(
                kind=NoteKind.SENSOR_MOVED, first=yesterday, last=yesterday, text="", written_at=now
            )
        )

    assert find(database) == (-66, -96)
