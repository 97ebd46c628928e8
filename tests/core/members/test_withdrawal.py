"""A withdrawal ends one consent, says by what way, and is told once."""

import datetime as dt

import pytest
import sqlalchemy as sa

from core.members import withdrawal
from core.models.consent import Consent, Purpose, Via
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType

ALICE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def shop(database, sealer, now):
    return Shop(database, sealer, now)


class Shop:
    def __init__(self, database, sealer, now):
        self.database, self.sealer, self.now = database, sealer, now
        with database.writing() as session:
            session.add(Member(public_id=ALICE, language="zh", enrolled_at=now, version=3))

    def agree(self, *purposes, at=None):
        with self.database.writing() as session:
            member = session.scalars(sa.select(Member.id)).one()
            for purpose in purposes:
                consent = Consent(
                    account_lookup=bytes(16),
                    member_id=member,
                    purpose=purpose,
                    wording_version="1",
                    language="zh",
                    given_at=at or self.now,
                )
                session.add(consent)

    def withdraw(self, *, member=ALICE, until=None):
        with self.database.writing() as session:
            return withdrawal.withdraw_of(
                session,
                self.sealer,
                member,
                Purpose.MARKETING,
                Via.CRM,
                until=until or self.now + HOUR,
                store_id="store-1",
                now=self.now + HOUR,
            )

    def ended(self):
        with self.database.reading() as session:
            rows = session.scalars(sa.select(Consent).where(Consent.withdrawn_at.is_not(None)))
            return {row.purpose: (row.withdrawn_at, row.withdrawn_via) for row in rows}

    def news(self):
        with self.database.reading() as session:
            return list(session.scalars(sa.select(OutboxEvent.type).order_by(OutboxEvent.id)))


def test_one_consent_ends_and_no_other(shop):
    shop.agree(*Purpose)

    assert shop.withdraw() is True
    assert shop.ended() == {Purpose.MARKETING: (shop.now + HOUR, Via.CRM)}


def test_it_is_told_once_however_often_it_is_heard(shop):
    shop.agree(*Purpose)
    shop.withdraw()

    assert shop.withdraw() is False
    assert shop.news() == [EventType.MEMBER_UPDATED, EventType.CONSENT_WITHDRAWN]


def test_what_was_agreed_to_since_stands(shop):
    shop.agree(*Purpose)

    assert shop.withdraw(until=shop.now - HOUR) is False
    assert shop.ended() == {}
    assert shop.news() == []


def test_who_is_no_member_is_nobody(shop):
    shop.agree(*Purpose)

    assert shop.withdraw(member="01ARZ3NDEKTSV4RRFFQ69G5FAX") is None
    assert shop.ended() == {}


def test_who_never_agreed_has_nothing_to_withdraw(shop):
    shop.agree(Purpose.TERMS, Purpose.MEMBERSHIP)

    assert shop.withdraw() is False
    assert shop.news() == []
