"""A whole number is shown to a manager alone, one member at a time, for a reason, and noted."""

import dataclasses

import pytest
import sqlalchemy as sa

from analytics.dashboard import application
from analytics.dashboard.site import PARTS
from core.models.audit_entry import AuditEntry
from core.models.identity import IdentityKind
from core.models.member import Member
from core.models.user import Role
from tests.analytics.dashboard.conftest import signed_in

HERE = {"Origin": "http://localhost"}
NUMBER = "+8613800138000"


@pytest.fixture
def member(enrol, database):
    enrol()
    with database.reading() as session:
        return session.query(Member).one().public_id


def reveal(client, member, reason="asked"):
    return client.post("/members/reveal", data={"member": member, "reason": reason}, headers=HERE)


def noted(database):
    with database.reading() as session:
        wanted = sa.select(AuditEntry).where(AuditEntry.action == "members.reveal")
        return [(each.user_name, each.member, each.reason) for each in session.scalars(wanted)]


def test_a_number_is_masked_until_a_reason_is_given(alice, member, database):
    assert f"/members/{member}/reveal" in alice.get("/members").text
    assert NUMBER not in alice.get(f"/members/{member}/reveal").text
    assert noted(database) == []

    answer = reveal(alice, member)

    assert NUMBER in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert noted(database) == [("alice", member, "asked")]
    assert "会员要求查询或更正本人信息" in alice.get("/audit").text


@pytest.mark.parametrize("reason", ["", "because", "counter"])
def test_without_a_reason_of_ours_nothing_is_shown(alice, member, reason):
    answer = reveal(alice, member, reason)

    assert answer.status_code == 422
    assert NUMBER not in answer.text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_no_other_role_sees_it_or_a_link_to_it(hired, member, role):
    client = hired(role)

    assert reveal(client, member).status_code == 403
    assert "/reveal" not in client.get("/members").text


def test_so_many_a_day_and_no_more(app, member, database):
    parts = app.extensions[PARTS]
    rules = parts.settings.dashboard.model_copy(update={"reveals_a_day": 2})
    settings = parts.settings.model_copy(update={"dashboard": rules})
    strict = application.create_app(dataclasses.replace(parts, settings=settings))
    alice = signed_in(strict, "alice")

    answers = [reveal(alice, member) for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert NUMBER not in answers[2].text


def test_of_who_is_known_by_wechat_alone_there_is_nothing_to_show(alice, enrol, database):
    enrol("wx1:secret-openid", kind=IdentityKind.OPENID)
    with database.reading() as session:
        member = session.query(Member).one().public_id

    assert "/reveal" not in alice.get("/members").text
    assert "secret-openid" not in reveal(alice, member).text
    assert reveal(alice, "0" * 26).status_code == 404
