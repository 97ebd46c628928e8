"""Who is erased stays erased: the tombstone goes first, and nothing overtakes or outlives it."""

import datetime as dt

import pytest

from appliance.demo.fakes import crm_intake
from appliance.demo.fakes.store import Store
from core.outbox import EventType
from tests.crm.desk import ScriptedCrm, desk_on

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
        "phone_verified_at": "2026-05-16T06:30:00Z",
        "phone_bound_at": None,
        "email": None,
        "email_verified_at": None,
        "email_bound_at": None,
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


def test_tombstones_leave_before_everything_that_waits(any_database, sealer, tmp_path, now):
    desk = desk_on(any_database, sealer, tmp_path, batch_size=2)
    desk.add("m-1", "m-2", "m-3", now=now)
    desk.add("m-4", now=now, kind=EventType.MEMBER_ERASED)
    crm = ScriptedCrm()
    desk.deliver(crm, now)

    assert crm.requests == [["m-4"], ["m-1", "m-2"], ["m-3"]]


def test_one_waits_for_no_earlier_news_of_the_same_member(any_database, sealer, tmp_path, now):
    desk = desk_on(any_database, sealer, tmp_path)
    desk.add("m-1", "m-2", now=now)
    later = now + dt.timedelta(seconds=0.5)
    desk.deliver(ScriptedCrm({"m-1": None}), now)
    desk.add("m-1", now=later, kind=EventType.MEMBER_ERASED)
    crm = ScriptedCrm()
    desk.deliver(crm, later)

    assert [event.type for event in crm.had.values()] == [EventType.MEMBER_ERASED]


def test_one_that_comes_while_others_are_sent_leaves_next(desk, now):
    desk = desk_on(desk.database, desk.sealer, desk.settings.data_dir, batch_size=1)
    desk.add("m-1", "m-2", now=now)

    class Slow(ScriptedCrm):
        def now(self):
            return now + dt.timedelta(seconds=30 * len(self.requests))

        def send(self, batch):
            answers = super().send(batch)
            if len(self.requests) == 1:
                desk.add("m-3", now=self.now(), kind=EventType.MEMBER_ERASED)
            return answers

    crm = Slow()
    desk.deliver(crm, crm.now)

    assert crm.requests == [["m-1"], ["m-3"], ["m-2"]]
