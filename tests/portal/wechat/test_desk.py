"""For how long a WeChat account stands for the number that was proven together with it."""

import datetime as dt

import pytest

from core.account import AccountKind
from core.mac import Mac
from core.models.identity import IdentityKind
from core.models.login import LoginState
from core.phone_number import PhoneNumber
from core.setting_groups.wechat import WechatSettings
from core.wechat_relay import Level, Way
from portal import devices
from portal.members import membership
from portal.members.membership import Proof
from portal.ways.login import account_of
from portal.wechat.desk import Outcome, WechatDesk
from portal.wechat.shape import Offer, WechatIdentity
from tests.portal.wechat.relays import APP

NUMBER, OTHER_NUMBER, FOREIGN = "+8613800138000", "+8613912345678", "+4915112345678"
OPENID, UNIONID = f"{APP}:o-alice", "u-alice"
DAY = dt.timedelta(days=1)
MAC = Mac(b"\x02\0\0\0\0\x01")
BOTH = {IdentityKind.OPENID: OPENID, IdentityKind.UNIONID: UNIONID}


class Counter:
    """A store's desk; somebody comes back from WeChat to it."""

    def __init__(self, database, sealer, now):
        self.database, self.sealer, self.now = database, sealer, now
        self.settings = WechatSettings()

    def enrol(self, at=None, **keys):
        """`enrol(phone=NUMBER, openid=OPENID)`: what was proven, together, and when."""
        proof = Proof({IdentityKind(kind): value for kind, value in keys.items()}, at or self.now)
        with self.database.writing() as session:
            membership.claim(
                session, self.sealer, proof, language="zh", enrols=True, now=at or self.now
            )

    def come_back(self, *, unionid=UNIONID, openid="o-alice", phone=None):
        """What comes of it, and the login."""
        number = PhoneNumber.from_e164(phone) if phone else None
        level = Level.PHONE if phone else Level.OPENID
        identity = WechatIdentity(Way.FOLLOW, level, APP, openid, unionid, number)
        desk = WechatDesk(self.settings, ("CN",), self.sealer)
        offer = Offer("0" * 32, "0427", self.now + dt.timedelta(minutes=10))
        with self.database.writing() as session:
            device = devices.find_or_make(session, self.sealer, MAC, self.now)
            login = desk.keep(session, device, offer, "zh", self.now)
            outcome = desk.take(session, device, login.id, identity, self.now)
        return outcome, login

    def proof(self, login):
        return membership.proof_of(self.sealer, login, self.now).keys


@pytest.fixture
def counter(database, sealer, now):
    return Counter(database, sealer, now)


@pytest.mark.parametrize("known_by", [{"openid": OPENID}, {"unionid": UNIONID}])
def test_a_number_that_was_proven_with_this_account_is_not_asked_for(counter, now, known_by):
    proven_at = now - 179 * DAY
    counter.enrol(proven_at, phone=NUMBER, **known_by)
    outcome, login = counter.come_back()

    assert outcome is Outcome.PROVEN
    assert account_of(counter.sealer, login).phone.e164() == NUMBER
    assert (login.state, login.verified_at) == (LoginState.VERIFIED, now)
    # The law's log has the number, and when it was proven. This login did not prove it.
    assert login.number_proven_at == proven_at
    assert counter.proof(login) == BOTH


def test_what_it_did_not_prove_it_does_not_renew(counter, now, database):
    counter.enrol(now - 179 * DAY, phone=NUMBER, openid=OPENID)
    _, login = counter.come_back()
    with database.writing() as session:
        proof = membership.proof_of(counter.sealer, login, now)
        membership.claim(session, counter.sealer, proof, language="zh", enrols=True, now=now)
    counter.now += 2 * DAY

    assert counter.come_back()[0] is Outcome.NEEDS_NUMBER


@pytest.mark.parametrize(
    ("days", "settings"),
    [
        pytest.param(180, {}, id="too long ago"),
        pytest.param(8, {"number_lasts_days": 7}, id="too long for this store"),
        pytest.param(0, {"number_lasts_days": 0}, id="asked for at each login"),
    ],
)
def test_after_a_time_it_is_asked_for(counter, now, days, settings):
    counter.settings = WechatSettings(**settings)
    counter.enrol(now - days * DAY, phone=NUMBER, openid=OPENID)

    outcome, login = counter.come_back()
    assert outcome is Outcome.NEEDS_NUMBER
    assert login.number_proven_at is None


def test_a_number_that_was_proven_without_the_account_says_nothing(counter, now):
    counter.enrol(now - 300 * DAY, phone=NUMBER, openid=OPENID)
    # By its next owner, it may be.
    counter.enrol(now - DAY, phone=NUMBER)

    assert counter.come_back()[0] is Outcome.NEEDS_NUMBER


def test_a_number_that_is_somebody_elses_by_now_is_not_used(counter, now):
    counter.enrol(now - 5 * DAY, phone=NUMBER, openid=OPENID)
    counter.enrol(now - DAY, phone=NUMBER, openid=f"{APP}:o-bob")

    assert counter.come_back()[0] is Outcome.NEEDS_NUMBER


def test_of_two_numbers_the_newer_one_stands(counter, now):
    counter.enrol(now - 2 * DAY, phone=OTHER_NUMBER, openid=OPENID)
    counter.enrol(now - 5 * DAY, phone=NUMBER, openid=OPENID)

    assert account_of(counter.sealer, counter.come_back()[1]).phone.e164() == OTHER_NUMBER


def test_a_number_that_may_not_log_in_any_more_is_asked_for(counter, now):
    counter.enrol(now - DAY, phone=FOREIGN, openid=OPENID)

    assert counter.come_back()[0] is Outcome.NEEDS_NUMBER


def test_who_is_no_member_is_asked_each_time(counter):
    assert counter.come_back()[0] is Outcome.NEEDS_NUMBER


def test_wechats_own_number_comes_first(counter, now):
    counter.enrol(now - DAY, phone=NUMBER, openid=OPENID)
    outcome, login = counter.come_back(phone=OTHER_NUMBER)

    assert outcome is Outcome.PROVEN
    assert account_of(counter.sealer, login).phone.e164() == OTHER_NUMBER
    assert login.number_proven_at is None
    assert counter.proof(login) == BOTH | {IdentityKind.PHONE: OTHER_NUMBER}


def test_where_an_openid_suffices_no_number_is_looked_for(counter, now):
    counter.settings = WechatSettings(openid_suffices=True)
    counter.enrol(now - DAY, phone=NUMBER, openid=OPENID)
    _, login = counter.come_back()

    assert account_of(counter.sealer, login).kind is AccountKind.OPENID
