"""What a store forgets once somebody follows its account no longer."""

import datetime as dt

import pytest

from core.members import consents
from core.models.consent import Consent, Purpose
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from portal.members import membership
from portal.members.membership import Proof
from portal.wechat import unfollowing
from portal.wechat.shape import TemporaryRelayError, WechatWithdrawal
from tests.portal.wechat.relays import APP, FakeRelay

KEYS = {IdentityKind.PHONE: "+8613800138000", IdentityKind.OPENID: f"{APP}:o-alice"}
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def relay():
    return FakeRelay()


@pytest.fixture
def keys():
    return KEYS


@pytest.fixture
def member(any_database, sealer, now, keys):
    """One who has agreed to everything, an hour ago."""
    with any_database.writing() as session:
        claim = membership.claim(
            session, sealer, Proof(keys, now - HOUR), language="zh", enrols=True, now=now
        )
        for purpose in (Purpose.MEMBERSHIP, Purpose.MARKETING):
            consents.record(
                session,
                b"a" * 16,
                purpose,
                member=claim.member,
                wording="v",
                language="zh",
                given_at=now - HOUR,
            )
    return claim.member


def unfollow(relay, number, at, openid="o-alice"):
    relay.gone.append(WechatWithdrawal(number, APP, openid, at))


def heed(database, sealer, relay, now):
    return unfollowing.heed(database, sealer, relay, "store-7", now)


def state(database):
    with database.reading() as session:
        kinds = {row.kind for row in session.query(Identity)}
        live = {row.purpose for row in session.query(Consent) if row.withdrawn_at is None}
        return kinds, live, session.query(OutboxEvent).count()


def test_the_account_and_the_marketing_go_and_the_member_stays(
    any_database, sealer, relay, member, now
):
    unfollow(relay, 1, now)

    assert heed(any_database, sealer, relay, now) == 1
    assert state(any_database) == ({IdentityKind.PHONE}, {Purpose.MEMBERSHIP}, 2)
    assert relay.gone == []
    assert heed(any_database, sealer, relay, now) == 0


@pytest.mark.parametrize("keys", [{IdentityKind.OPENID: f"{APP}:o-alice"}], ids=["openid alone"])
def test_who_is_known_by_nothing_else_is_erased(any_database, sealer, relay, member, now):
    unfollow(relay, 1, now)

    assert heed(any_database, sealer, relay, now) == 1
    assert state(any_database) == (set(), set(), 1)
    with any_database.reading() as session:
        assert session.query(Member).count() == 0
        assert {row.member_id for row in session.query(Consent)} == {None}
        assert session.query(OutboxEvent).one().type == EventType.MEMBER_ERASED
    assert heed(any_database, sealer, relay, now) == 0


def test_who_has_followed_again_since_is_left_alone(any_database, sealer, relay, member, now):
    unfollow(relay, 1, now - 2 * HOUR)

    assert heed(any_database, sealer, relay, now) == 0
    assert state(any_database)[0] == set(KEYS)
    assert relay.gone == []


def test_more_than_fit_into_one_answer_are_heeded(any_database, sealer, relay, member, now):
    for number in range(250):
        unfollow(relay, number, now, f"o-stranger-{number}")
    unfollow(relay, 250, now)

    assert heed(any_database, sealer, relay, now) == 1
    assert relay.gone == []


def test_what_a_relay_could_not_be_told_is_heard_again(any_database, sealer, relay, member, now):
    unfollow(relay, 1, now)
    relay.error = TemporaryRelayError("down")
    with pytest.raises(TemporaryRelayError):
        heed(any_database, sealer, relay, now)

    relay.error = None
    assert heed(any_database, sealer, relay, now) == 1
