"""What a member asks for at the counter is done as "My data" does it, and noted."""

import dataclasses
import json

import pytest
import sqlalchemy as sa

from analytics.dashboard import application
from analytics.dashboard.site import PARTS
from core import outbox
from core.models.audit_entry import AuditEntry
from core.models.consent import Consent, Purpose, Via
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.models.user import Role
from tests.analytics.dashboard.conftest import signed_in

HERE = {"Origin": "http://localhost"}
NUMBER = "+8613800138000"
WITHDRAW = {
    Purpose.MARKETING: "/members/withdraw-marketing",
    Purpose.VISIT_ANALYTICS: "/members/withdraw-visits",
}


@pytest.fixture
def member(enrol, database, clock):
    enrol()
    with database.writing() as session:
        found = session.query(Member).one()
        for purpose in (Purpose.MEMBERSHIP, *WITHDRAW):
            session.add(
                Consent(
                    account_lookup=session.query(Consent).first().account_lookup,
                    member_id=found.id,
                    purpose=purpose,
                    wording_version="1",
                    language="zh",
                    given_at=clock.now,
                )
            )
        return found.public_id


def post(client, path, member, reason="phone"):
    return client.post(path, data={"member": member, "reason": reason}, headers=HERE)


def staffs(database):
    with database.reading() as session:
        rows = session.scalars(sa.select(Consent).where(Consent.withdrawn_via == Via.STAFF))
        return [row.purpose for row in rows]


def noted(database, action):
    with database.reading() as session:
        wanted = sa.select(AuditEntry).where(AuditEntry.action == action)
        return [(each.user_name, each.member, each.reason) for each in session.scalars(wanted)]


@pytest.mark.parametrize("purpose", WITHDRAW)
def test_one_consent_is_withdrawn_noted_and_told(alice, member, database, sealer, purpose):
    assert WITHDRAW[purpose] in alice.get(f"/members/{member}/will").text
    answer = post(alice, WITHDRAW[purpose], member)

    assert "已撤回" in alice.get(answer.location).text
    assert WITHDRAW[purpose] not in alice.get(f"/members/{member}/will").text
    assert staffs(database) == [purpose]
    action = "will.withdraw_marketing" if purpose == "marketing" else "will.withdraw_visits"
    assert noted(database, action) == [("alice", member, "phone")]
    assert "号码就在顾客的手机上" in alice.get("/audit").text
    with database.reading() as session:
        told = [
            (each.type, json.loads(sealer.open(outbox.DATA, each.sealed_data)))
            for each in session.query(OutboxEvent).order_by(OutboxEvent.id)
        ]
    assert [kind for kind, _ in told] == ["doorman.member.updated", "doorman.consent.withdrawn"]
    assert purpose not in told[0][1]["consents"]
    assert told[1][1]["purpose"] == purpose


def test_sent_twice_it_is_withdrawn_once(alice, member, database):
    for _ in range(2):
        assert post(alice, WITHDRAW[Purpose.MARKETING], member).status_code == 303

    with database.reading() as session:
        assert session.query(OutboxEvent).count() == 2


def test_the_file_is_that_of_my_data(alice, member, database):
    answer = post(alice, "/members/export", member, "letter")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    found = json.loads(answer.text)
    assert found["account"] == {"kind": "phone", "value": NUMBER}
    assert found["member"]["public_id"] == member
    assert len(found["consents"]) == 5
    assert noted(database, "will.export") == [("alice", member, "letter")]


@pytest.mark.parametrize("path", [*WITHDRAW.values(), "/members/export"])
@pytest.mark.parametrize("reason", ["", "because", "counter"])
def test_nothing_is_done_for_whom_nobody_says_who_they_are(alice, member, database, path, reason):
    answer = post(alice, path, member, reason)

    assert answer.status_code == 422
    assert NUMBER not in answer.text
    assert staffs(database) == []


@pytest.mark.parametrize("path", [*WITHDRAW.values(), "/members/export"])
def test_who_is_no_member_is_not_found(alice, path):
    assert post(alice, path, "01ARZ3NDEKTSV4RRFFQ69G5FAV").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_no_other_role_may_and_none_is_led_there(hired, member, database, role):
    client = hired(role)

    assert post(client, "/members/export", member).status_code == 403
    assert post(client, WITHDRAW[Purpose.MARKETING], member).status_code == 403
    assert "/will" not in client.get("/members").text
    assert staffs(database) == []


def test_nothing_is_done_by_another_site_s_form(alice, member, database):
    foreign = {"Origin": "http://evil.example"}
    data = {"member": member, "reason": "phone"}
    alice.post(WITHDRAW[Purpose.MARKETING], data=data, headers=foreign)

    assert alice.post("/members/export", data=data, headers=foreign).status_code == 403
    assert staffs(database) == []


def test_nobody_carries_off_a_whole_list(app, member):
    parts = app.extensions[PARTS]
    narrow = parts.settings.dashboard.model_copy(update={"reveals_a_day": 1})
    settings = parts.settings.model_copy(update={"dashboard": narrow})
    strict = application.create_app(dataclasses.replace(parts, settings=settings))
    client = signed_in(strict, "alice")
    codes = [post(client, "/members/export", member).status_code for _ in range(2)]

    assert codes == [200, 429]
