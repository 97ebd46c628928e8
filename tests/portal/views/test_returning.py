"""A member's phone that comes back, and what it takes not to be known."""

import json

import pytest

from core.account import Account, AccountKind
from core.models import login as logins
from core.models.consent import Consent, Purpose
from core.models.device import Device
from core.models.grant import EndCause, Grant
from core.models.login import Login, LoginState, LoginWay
from core.models.member import Member
from core.setting_groups.ways import WaysSettings
from core.settings import Settings
from gate.client import GateUnavailableError
from portal import devices
from portal.clones import challenges
from tests.portal.conftest import NUMBER, OTHER_NUMBER
from tests.portal.other_ways import with_ways

BUTTON = 'id="continue"'


@pytest.fixture
def back(phone, clock):
    """A member was online, and comes again the next day."""
    phone.go_online(membership="yes")
    clock.pass_by(days=1)
    return phone


def is_known(phone):
    shown = BUTTON in phone.get("/").text
    # What the page does not offer, the form does not do.
    led = phone.post("/continue").location
    assert led == ("/online" if shown else "/")
    return shown


def test_a_members_phone_goes_on_with_one_tap(back, gate, rows):
    assert BUTTON in back.get("/").text
    assert back.post("/continue").location == "/online"

    assert gate.inside == {back.mac.text(): 14_400}
    first, second = rows(Login)
    assert second.way is LoginWay.DEVICE
    assert second.account_lookup == first.account_lookup
    assert second.verified_at == first.verified_at
    [member] = rows(Member)
    assert [grant.member_id for grant in rows(Grant)] == [member.id] * 2


def test_the_page_says_nothing_about_whom_it_knows(back):
    page = back.get("/").text

    assert "138" not in page
    assert "8000" not in page
    assert NUMBER not in page
    assert "/privacy" in page


def test_nothing_is_agreed_to_by_the_tap(back, rows):
    before = len(rows(Consent))
    back.post("/continue")

    assert len(rows(Consent)) == before


def test_a_tap_makes_it_known_no_longer(back, clock):
    days = WaysSettings().device_days
    for _ in range(days - 2):
        assert is_known(back)
        clock.pass_by(days=1)
    assert is_known(back)
    clock.pass_by(days=1)

    assert not is_known(back)


def test_a_guests_phone_is_not_known(phone, clock):
    phone.go_online()
    clock.pass_by(days=1)

    assert not is_known(phone)


def test_a_phone_that_a_guest_used_last_is_not_the_members(back, clock):
    back.go_online(OTHER_NUMBER)
    clock.pass_by(days=1)

    assert not is_known(back)


def test_another_phone_is_not_known(back, join):
    assert not is_known(join("127.0.0.9"))


def test_whoever_withdrew_membership_is_not_known(back, database, clock):
    with database.writing() as session:
        for consent in session.query(Consent).filter_by(purpose=Purpose.MEMBERSHIP):
            consent.withdrawn_at = clock.now

    assert not is_known(back)


def test_terms_that_have_changed_are_agreed_to_anew(back, database):
    with database.writing() as session:
        session.query(Consent).filter_by(purpose=Purpose.TERMS).update(
            {"wording_version": "0123456789abcdef"}
        )

    assert not is_known(back)


def test_the_terms_must_have_been_read_in_the_language_of_the_page(back):
    assert BUTTON not in back.get("/?lang=en").text


def test_a_phone_that_was_challenged_logs_in(phone, database, sealer, gate, clock):
    phone.go_online(membership="yes")
    challenges.challenge(database, sealer, gate, phone.mac, most=3, now=clock.now)
    clock.pass_by(days=1)

    assert not is_known(phone)


@pytest.mark.parametrize("cause", [EndCause.CLONED, EndCause.REVOKED])
def test_an_end_that_somebody_had_reason_for_is_no_invitation(back, database, clock, cause):
    with database.writing() as session:
        session.query(Grant).update({"ended_at": clock.now, "end_cause": cause})

    assert not is_known(back)


def test_a_challenge_of_a_login_by_tap_asks_the_members_number(  # noqa: PLR0917 - fixtures are passed by name
    back, database, sealer, gate, clock, carrier
):
    back.post("/continue")
    challenges.challenge(database, sealer, gate, back.mac, most=3, now=clock.now)
    assert back.post("/challenge").location == "/code"

    assert carrier.sent[-1].to.e164().endswith(NUMBER)
    assert back.enter_code().location == "/online"


def test_a_phone_that_is_to_be_forgotten_is(phone, gate, clock, rows):
    phone.go_online(membership="yes")
    assert 'id="forget"' in phone.get("/online").text
    clock.pass_by(minutes=1)
    assert phone.post("/forget").location == "/"

    assert gate.inside == {}
    assert rows(Grant)[0].end_cause is EndCause.LOGGED_OUT
    assert not is_known(phone)
    clock.pass_by(days=1)
    phone.go_online()
    clock.pass_by(days=1)
    assert is_known(phone)


def test_a_guest_has_nothing_to_forget(phone):
    phone.go_online()

    assert 'id="forget"' not in phone.get("/online").text


def test_a_gate_that_fails_does_not_keep_the_phone_known(phone, gate, clock, rows):
    phone.go_online(membership="yes")
    clock.pass_by(minutes=1)
    gate.error = GateUnavailableError("no answer from the gate")

    assert phone.post("/forget").status_code == 503
    assert rows(Device)[0].forgotten_at == clock.now


def test_a_store_may_do_without(back, join_with):
    off = with_ways(Settings(), WaysSettings(device=False))
    phone = join_with(settings=off)

    assert BUTTON not in phone.get("/").text


def test_a_new_address_is_linked_to_the_same_member_by_the_number(back, join, rows, clock):
    """The phone made up another address overnight: its shopper logs in by the number."""
    renewed = join("127.0.0.9")
    assert not is_known(renewed)
    renewed.go_online(NUMBER)

    [member] = rows(Member)
    assert [grant.member_id for grant in rows(Grant)] == [member.id] * 2
    clock.pass_by(days=1)
    assert is_known(renewed)
    assert is_known(back)


def test_a_new_address_is_linked_to_the_same_member_by_wechat(parts, join, rows, clock):
    """As `portal.wechat.desk` leaves a login once the relay has said who it is."""
    keys = {"openid": "wx1:o-alice", "unionid": "u-alice"}
    account = Account(AccountKind.OPENID, keys["openid"])
    phones = [join("127.0.0.1"), join("127.0.0.9")]
    for phone, ticked in zip(phones, ({Purpose.MEMBERSHIP}, set()), strict=True):
        clock.pass_by(hours=5)
        with parts.database.writing() as session:
            device = devices.find_or_make(session, parts.sealer, phone.mac, clock.now)
            session.add(
                Login(
                    device_id=device.id,
                    state=LoginState.VERIFIED,
                    language="zh",
                    way=LoginWay.WECHAT,
                    account_lookup=account.lookup(parts.sealer),
                    sealed_account=account.sealed(parts.sealer, logins.ACCOUNT),
                    sealed_keys=parts.sealer.seal(logins.KEYS, json.dumps(keys).encode()),
                    failures=0,
                    started_at=clock.now,
                    terms_accepted_at=clock.now,
                    verified_at=clock.now,
                )
            )
        assert phone.post("/consent", **dict.fromkeys(ticked, "yes")).location == "/online"
    clock.pass_by(hours=5)

    [member] = rows(Member)
    assert [grant.member_id for grant in rows(Grant)] == [member.id] * 2
    assert [is_known(phone) for phone in phones] == [True, True]
