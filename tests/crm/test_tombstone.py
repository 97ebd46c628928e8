"""Who is erased stays erased: the tombstone goes first, and nothing overtakes or outlives it."""

import datetime as dt

import pytest

from appliance.demo.fakes import crm_intake
from appliance.demo.fakes.store import Store
from core.models.outbox_event import OutboxState
from core.outbox import EventType
from crm import backlog
from tests.crm.desk import Desk

MEMBER, ABSORBED = "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAW"
NUMBERS = iter(range(10_000))


@pytest.fixture
def crm(tmp_path):
    return Store(tmp_path)


def take(crm, kind, data):
    event = {
        "specversion": "1.0",
        "id": f"01ARZ3NDEKTSV4RRFFQ69G{next(NUMBERS):04}",
        "source": "/stores/store-1",
        "type": kind,
        "subject": data["member"],
        "time": "2026-05-16T06:30:00.000Z",
        "datacontenttype": "application/json",
        "data": data | {"store": "store-1"},
    }
    with crm.writing() as connection:
        return crm_intake.take(connection, event, 0)["status"]


def person(member=MEMBER, version=1):
    return {
        "member": member,
        "phone": "+8613800138000",
        "email": None,
        "unionid": None,
        "openids": [],
        "language": "zh",
        "enrolled_at": "2026-05-16T06:30:00Z",
        "consents": ["membership"],
        "version": version,
    }


def tombstone(absorbed=()):
    return {
        "member": MEMBER,
        "absorbed": list(absorbed),
        "erased_at": "2026-05-17T06:30:00Z",
        "version": 9,
    }


def members(crm):
    with crm.reading() as connection:
        return [row["id"] for row in connection.execute("SELECT id FROM members")]


def test_a_tombstone_deletes_a_member_and_who_they_absorbed(crm):
    for member in (MEMBER, ABSORBED):
        assert take(crm, EventType.MEMBER_ENROLLED, person(member)) == "accepted"
    assert take(crm, EventType.MEMBER_ERASED, tombstone([ABSORBED])) == "accepted"

    assert members(crm) == []


@pytest.mark.parametrize("version", [1, 8, 99])
def test_late_news_brings_nobody_back(crm, version):
    take(crm, EventType.MEMBER_ENROLLED, person())
    take(crm, EventType.MEMBER_ERASED, tombstone())

    assert take(crm, EventType.MEMBER_UPDATED, person(version=version)) == "accepted"
    assert members(crm) == []


def test_a_tombstone_may_come_before_all_else(crm):
    take(crm, EventType.MEMBER_ERASED, tombstone())
    take(crm, EventType.MEMBER_ENROLLED, person())

    assert members(crm) == []


def test_tombstones_leave_before_everything_that_waits(database, sealer, settings, now):
    desk = Desk(database, sealer, settings)
    desk.add("m-1", "m-2", now=now)
    desk.add("m-3", now=now, kind=EventType.MEMBER_ERASED)
    with database.reading() as session:
        due = backlog.due(session, 2, now + dt.timedelta(seconds=1))

    assert [row.subject for row in due] == ["m-3", "m-1"]
    assert {row.state for row in due} == {OutboxState.WAITING}
