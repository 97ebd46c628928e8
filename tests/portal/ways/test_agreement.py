import datetime as dt
import json

import pytest

from core import outbox
from core.account import Account
from core.events import contract
from core.mac import Mac
from core.models import identity as identities
from core.models.consent import Consent, Purpose
from core.models.grant import Grant
from core.models.identity import Identity
from core.models.login import Login, LoginState
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.phone_number import PhoneNumber
from core.sealing import Sealer
from core.setting_groups.campaigns import CampaignSettings
from core.setting_groups.plans import PlansSettings
from core.setting_groups.sms import SmsSettings
from core.setting_groups.store import StoreSettings
from portal import devices
from portal.members.consent_wording import Wordings
from portal.promotion.arrival import Arrival
from portal.ways import standing
from portal.ways.agreement import Agreement, Choice
from portal.ways.login import LoginDesk

ALICE = PhoneNumber.from_e164("+8613800138000")
LASTS = dt.timedelta(hours=4)

TERMS, MEMBERSHIP = Purpose.TERMS, Purpose.MEMBERSHIP
MARKETING, VISITS = Purpose.MARKETING, Purpose.VISIT_ANALYTICS


class Office:
    """One database in which Alice proves her number, and agrees to things."""

    def __init__(self, database, sealer, texts, now):
        self.database, self.sealer, self.texts, self.now = database, sealer, texts, now
        self.plans = PlansSettings()
        self.wordings = Wordings(texts, StoreSettings(id="store-7"), 14)

    def verify(self, device=1, language="zh"):
        desk = LoginDesk(SmsSettings(), self.sealer, bytes(32))
        mac = Mac(b"\x02\0\0\0\0" + bytes([device]))
        with self.database.writing() as session:
            device = devices.find_or_make(session, self.sealer, mac, self.now)
            code = desk.start(session, device, Account.of_phone(ALICE), language, self.now).code
            desk.verify(session, device, code, self.now)
        return device

    def settle(self, device, *ticked, language="zh", sealer=None):
        sealer, store = sealer or self.sealer, StoreSettings(id="store-7")
        arrival = Arrival(sealer, store, CampaignSettings())
        agreement = Agreement(sealer, self.wordings, store, self.plans, arrival)
        choice = Choice(frozenset(ticked), language)
        with self.database.writing() as session:
            return agreement.settle(session, device, choice, self.now)

    def come_again(self, *ticked, device=1):
        self.now += dt.timedelta(days=1)
        return self.settle(self.verify(device), *ticked)

    def rows(self, model):
        with self.database.reading() as session:
            return list(session.query(model).order_by(model.id))

    def purposes(self):
        return [consent.purpose for consent in self.rows(Consent)]

    def told(self):
        return [kind.removeprefix("doorman.") for kind, _ in self.news()]

    def news(self):
        return [
            (event.type, json.loads(self.sealer.open(outbox.DATA, event.sealed_data)))
            for event in self.rows(OutboxEvent)
        ]


@pytest.fixture
def office(any_database, sealer, texts, now):
    return Office(any_database, sealer, texts, now)


def test_the_terms_alone_give_wifi_and_make_no_member(office):
    grant = office.settle(office.verify())

    assert grant.expires_at == office.now + LASTS
    assert grant.member_id is None
    assert office.purposes() == [TERMS]
    assert office.rows(Member) == office.rows(OutboxEvent) == []


def test_joining_makes_a_member_and_tells_the_crm(office):
    grant = office.settle(office.verify(), MEMBERSHIP, MARKETING)

    (member,) = office.rows(Member)
    assert grant.member_id == member.id
    assert office.purposes() == [TERMS, MARKETING, MEMBERSHIP]
    enrolled, *consents_told = office.news()
    assert enrolled == (
        "doorman.member.enrolled",
        {
            "member": member.public_id,
            "phone": "+8613800138000",
            "phone_verified_at": "2026-05-16T06:30:00+00:00",
            "phone_bound_at": None,
            "email": None,
            "email_verified_at": None,
            "email_bound_at": None,
            "unionid": None,
            "openids": [],
            "language": "zh",
            "enrolled_at": "2026-05-16T06:30:00+00:00",
            "consents": ["marketing", "membership"],
            "store": "store-7",
            "version": 1,
        },
    )
    assert consents_told == [
        (
            "doorman.consent.given",
            {
                "member": member.public_id,
                "purpose": purpose,
                "wording_version": office.wordings.version("zh", purpose),
                "language": "zh",
                "given_at": "2026-05-16T06:30:00+00:00",
                "store": "store-7",
                "version": version,
            },
        )
        for version, purpose in enumerate((MARKETING, MEMBERSHIP), 2)
    ]


def test_what_the_crm_is_told_keeps_to_the_contract(office):
    office.settle(office.verify(), MEMBERSHIP)

    for kind, data in office.news():
        contract.DATA[kind].model_validate_json(json.dumps(data))


@pytest.mark.parametrize("ticked", [(MARKETING,), (VISITS,), (MARKETING, VISITS)])
def test_other_boxes_mean_nothing_without_membership(office, ticked):
    office.settle(office.verify(), *ticked)

    assert office.purposes() == [TERMS]
    assert office.rows(Member) == office.rows(OutboxEvent) == []


def test_a_member_who_comes_again_is_the_same_and_agrees_to_nothing_twice(office):
    office.settle(office.verify(), MEMBERSHIP)
    grant = office.come_again()

    (member,) = office.rows(Member)
    assert grant.member_id == member.id
    assert office.purposes() == [TERMS, MEMBERSHIP]
    assert office.told() == ["member.enrolled", "consent.given"]


def test_a_member_with_another_phone_is_known_by_the_number(office):
    office.settle(office.verify(), MEMBERSHIP)
    office.come_again(device=2)

    assert len(office.rows(Member)) == 1


def test_a_member_who_agrees_to_more_is_news(office):
    office.settle(office.verify(), MEMBERSHIP)
    office.come_again(VISITS)

    (_, updated), (_, given) = office.news()[2:]
    assert office.told()[2:] == ["member.updated", "consent.given"]
    assert updated["consents"] == ["membership", "visit_analytics"]
    assert (given["purpose"], given["version"]) == ("visit_analytics", updated["version"] + 1)


def test_who_uses_the_wifi_first_may_join_later(office):
    office.settle(office.verify())
    office.come_again(MEMBERSHIP)

    assert office.told() == ["member.enrolled", "consent.given"]
    assert office.purposes() == [TERMS, MEMBERSHIP]


def test_who_left_and_comes_back_is_the_same_member_again(office):
    office.settle(office.verify(), MEMBERSHIP)
    with office.database.writing() as session:
        session.query(Consent).update({"withdrawn_at": office.now})

    assert office.come_again().member_id is None
    assert office.come_again(MEMBERSHIP).member_id == office.rows(Member)[0].id
    assert office.told()[2:] == ["member.updated", "consent.given"]


def test_who_gets_a_number_that_a_member_gave_up_has_agreed_to_nothing(office):
    office.settle(office.verify(), MEMBERSHIP, MARKETING)
    with office.database.writing() as session:
        session.query(Identity).delete()
    grant = office.come_again(device=2)

    assert grant.member_id is None
    assert len(office.rows(Member)) == 1


def test_a_consent_says_in_which_words_and_language_and_when(office):
    device = office.verify(language="zh")
    accepted_at = office.now
    office.now += dt.timedelta(minutes=3)
    office.settle(device, MEMBERSHIP, language="en")

    terms, membership = office.rows(Consent)
    assert (terms.language, terms.given_at) == ("zh", accepted_at)
    assert (membership.language, membership.given_at) == ("en", office.now)
    assert terms.wording_version == office.wordings.version("zh", TERMS)
    assert membership.wording_version == office.wordings.version("en", MEMBERSHIP)


def test_a_proven_number_is_kept_sealed(office, sealer):
    office.settle(office.verify(), MEMBERSHIP)

    (identity,) = office.rows(Identity)
    assert b"13800138000" not in identity.sealed_value
    assert sealer.open(identities.VALUE, identity.sealed_value) == b"+8613800138000"


def test_nothing_is_kept_when_one_part_cannot_be_written(office):
    class NoNews(Sealer):
        def seal(self, place, value):
            if place == outbox.DATA:
                raise RuntimeError
            return super().seal(place, value)

    device = office.verify()
    with pytest.raises(RuntimeError):
        office.settle(device, MEMBERSHIP, sealer=NoNews(bytes([1]) * 32))

    for model in (Consent, Member, Identity, OutboxEvent, Grant):
        assert office.rows(model) == []


def test_settling_twice_extends_the_one_grant(office):
    device = office.verify()
    first = office.settle(device)
    office.now += dt.timedelta(minutes=5)
    second = office.settle(device)

    assert second.id == first.id
    assert second.expires_at == office.now + LASTS
    assert len(office.rows(Grant)) == 1


def test_who_has_not_proven_a_number_gets_nothing(office):
    device = office.verify()
    with office.database.writing() as session:
        login = standing.newest_login(session, device)
        login.state = LoginState.CODE_SENT

    assert office.settle(device, MEMBERSHIP) is None
    assert office.rows(Grant) == office.rows(Consent) == []


def test_a_proof_lasts_half_an_hour(office):
    device = office.verify()
    office.now += dt.timedelta(minutes=30)

    assert office.settle(device) is None
    assert office.rows(Login)[0].state is LoginState.VERIFIED
