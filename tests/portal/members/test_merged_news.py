"""What the CRM hears of two members who turn out to be one, while it was away."""

import pytest

from core.models.consent import Purpose
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from tests import published
from tests.portal.made_up_store import MadeUpStore
from tests.portal.marketing import Marketing

OLD, YOUNG = "+8613800138000", "+8613912345678"
MEMBERSHIP, MARKETING, VISITS = Purpose.MEMBERSHIP, Purpose.MARKETING, Purpose.VISIT_ANALYTICS


@pytest.fixture
def store(database, texts, now, tmp_path):
    store = MadeUpStore(database, texts, now, tmp_path)
    Marketing(database, store).welcome(link="https://shop.example/")
    Marketing(database, store).source()
    return store


def told(store):
    """By type, what is sent of whom stays."""
    assert [published.faults(event) for event in store.crm.had] == [[]] * len(store.crm.had)
    with store.database.reading() as session:
        [member] = session.query(Member)
        assert session.query(OutboxEvent).filter_by(state="waiting").count() == 0
    assert {event["subject"] for event in store.crm.had} == {member.public_id}
    return [(event["type"].removeprefix("doorman."), event["data"]) for event in store.crm.had]


def test_what_they_did_is_told_of_who_stays_and_who_they_were_is_not(store):
    store.log_in(1, OLD, MEMBERSHIP)
    store.log_in(2, YOUNG, MEMBERSHIP, MARKETING, wechat="alice", source="aaaa1111")
    store.click(YOUNG)
    store.log_in(1, OLD, wechat="alice")
    store.deliver()

    kinds = [kind for kind, _ in told(store)]
    assert kinds[:3] == ["member.enrolled", "consent.given", "coupon.issued"]
    assert kinds[3:] == [
        "member.merged",
        "campaign.click",
        "member.updated",
        "consent.given",
        "consent.given",
        "attribution.changed",
    ], "of two coupons of a campaign one was given up"


@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_consents_are_told_anew_as_they_are_of_the_person(store, withdrawn_first):
    store.log_in(1, OLD, MEMBERSHIP, MARKETING)
    store.log_in(2, YOUNG, MEMBERSHIP, MARKETING, VISITS, wechat="alice")
    store.withdraw(YOUNG, VISITS)
    store.withdraw(OLD if withdrawn_first else YOUNG, MARKETING)
    store.log_in(1, OLD, wechat="alice")
    store.deliver()

    newest = {data["purpose"]: kind for kind, data in told(store) if "purpose" in data}
    assert newest == {
        "membership": "consent.given",
        "marketing": "consent.given",
        "visit_analytics": "consent.withdrawn",
    }
    [*_, whole] = [data for _, data in told(store) if "phone" in data]
    assert whole["consents"] == ["marketing", "membership"]


def test_whom_the_absorbed_had_absorbed_is_said_along(store):
    store.log_in(1, OLD, MEMBERSHIP)
    store.log_in(2, YOUNG, MEMBERSHIP)
    store.log_in(3, "+8613700137000", MEMBERSHIP, wechat="alice")
    with store.database.reading() as session:
        ids = [member.public_id for member in session.query(Member).order_by(Member.id)]
    store.log_in(2, YOUNG, wechat="alice")
    store.log_in(1, OLD, wechat="alice")
    store.deliver()

    [merged] = [data for kind, data in told(store) if kind == "member.merged"]
    assert (merged["member"], merged["absorbed"]) == (ids[0], [ids[1], ids[2]])


def test_who_loses_a_number_to_another_is_told_without_it(store):
    store.log_in(1, OLD, MEMBERSHIP, wechat="alice")
    store.log_in(2, OLD, MEMBERSHIP, wechat="bob")
    store.deliver()

    newest = {
        event["subject"]: event["data"]["phone"]
        for event in store.crm.had
        if "phone" in event["data"]
    }
    assert sorted(newest.values(), key=str) == [OLD, None]
