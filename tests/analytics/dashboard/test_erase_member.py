"""A member who asks at the counter is erased as on their own phone."""

import json

import pytest

from core import outbox
from core.models.consent import Consent
from core.models.identity import Identity
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType

HERE = {"Origin": "http://localhost"}


@pytest.fixture
def member(enrol, database):
    enrol()
    with database.reading() as session:
        return session.query(Member).one().public_id


def test_it_is_asked_before_it_is_done(alice, member):
    assert f"/members/{member}/erase" in alice.get("/members").text
    page = alice.get(f"/members/{member}/erase?lang=en").text

    assert "138****8000" in page
    assert "cannot be undone" in page


def test_the_member_goes_and_the_crm_is_told(alice, member, database, sealer):
    answer = alice.post("/members/erase", data={"member": member}, headers=HERE)

    assert answer.status_code == 303
    assert "会员已删除" in alice.get(answer.location).text
    with database.reading() as session:
        assert session.query(Member).count() == session.query(Identity).count() == 0
        assert [each.member_id for each in session.query(Consent)] == [None, None]
        event = session.query(OutboxEvent).one()
    assert event.type == EventType.MEMBER_ERASED
    assert json.loads(sealer.open(outbox.DATA, event.sealed_data))["member"] == member


def test_a_form_sent_twice_erases_once(alice, member, database):
    for _ in range(2):
        alice.post("/members/erase", data={"member": member}, headers=HERE)

    with database.reading() as session:
        assert session.query(OutboxEvent).count() == 1


def test_nobody_is_erased_by_a_stranger_or_by_a_link(alice, charlie, member, database):
    charlie.post("/members/erase", data={"member": member}, headers=HERE)
    alice.post("/members/erase", data={"member": member}, headers={"Origin": "http://evil.example"})
    alice.get(f"/members/{member}/erase")

    with database.reading() as session:
        assert session.query(Member).count() == 1


def test_who_is_gone_is_not_found(alice):
    assert alice.get("/members/01ARZ3NDEKTSV4RRFFQ69G5FAV/erase").status_code == 404
