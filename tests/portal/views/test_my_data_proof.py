"""My data by mail, whatever else the store has; and another address for an old one."""

import pytest

from core.mail import MailboxRefusedError, MailServerError
from core.models.consent import Consent, Purpose
from core.models.identity import Identity, IdentityKind
from core.models.login import Login, LoginState, LoginWay
from core.models.member import Member
from core.outbox import EventType
from core.setting_groups.ways import WaysSettings
from tests.portal.conftest import NUMBER, OTHER_NUMBER
from tests.portal.other_ways import FakeMail, with_ways

ALICE, BOB = "alice@example.com", "bob@example.com"
MASKED = "a***@example.com"
BOXES = {"membership": "yes", "marketing": "yes"}


@pytest.fixture
def mail():
    return FakeMail()


@pytest.fixture
def by_mail_alone(join_with, parts, mail):
    """A phone in a store that has no text messages."""
    ways = WaysSettings(sms=False, email=True)
    return join_with(settings=with_ways(parts.settings, ways), mail=mail, sms=None)


def enrol(phone, mail, address):
    phone.post("/email", email=address, terms="yes")
    phone.post("/code", code=mail.code)
    assert phone.post("/consent", **BOXES).location == "/online"


@pytest.fixture
def member(by_mail_alone, mail, clock):
    """One who is known by an address alone."""
    enrol(by_mail_alone, mail, ALICE)
    clock.pass_by(minutes=2)
    return by_mail_alone


def prove(phone, mail, address=ALICE):
    assert phone.post("/my-data/proof", email=address).location == "/my-data"
    assert phone.post("/my-data/code", code=mail.code).location == "/my-data"


@pytest.fixture
def proven(member, mail):
    prove(member, mail)
    return member


@pytest.fixture
def both(join_with, parts, mail):
    """A phone in a store that sends codes either way, and lets in by neither."""
    ways = WaysSettings(sms=False, voucher=True)
    return join_with(settings=with_ways(parts.settings, ways), mail=mail)


def test_a_member_by_mail_sees_what_is_known(member, mail):
    page = member.get("/my-data").text
    assert 'id="email"' in page
    assert 'id="phone"' not in page
    member.post("/my-data/proof", email=ALICE)
    page = member.get("/my-data", Accept_Language="zh").text
    assert f"邮件已发往 {MASKED}" in page
    # The phone is online, so its mailbox is near.
    assert "移动数据" not in page

    assert member.post("/my-data/code", code=mail.code).location == "/my-data"
    page = member.get("/my-data", Accept_Language="zh").text
    assert page.count(MASKED) == 2
    assert ALICE not in page


def test_a_member_by_mail_exports_withdraws_and_is_erased(proven, rows, news):
    found = proven.get("/my-data/export").get_json()
    assert found["account"] == {"kind": "email", "value": ALICE}
    assert [key["value"] for key in found["member"]["keys"]] == [ALICE]
    assert [each["way"] for each in found["logins"]] == [LoginWay.EMAIL] * 2

    proven.post("/my-data/language", language="en")
    proven.post("/my-data/withdraw/marketing")
    assert [each.purpose for each in rows(Consent) if each.withdrawn_at] == [Purpose.MARKETING]
    assert news(EventType.MEMBER_UPDATED)[-1]["language"] == "en"

    assert proven.post("/my-data/erase").location == "/my-data/erased"
    assert rows(Member) == rows(Identity) == []


def test_whoever_can_be_reached_is_asked_whichever_ways_in_are_open(both, mail, clock):
    page = both.get("/my-data").text
    assert 'id="phone"' in page
    assert 'id="by-email"' in page
    assert both.get("/").text.count('id="phone"') == 0

    page = both.get("/my-data?change=1&by=email").text
    assert 'id="email"' in page
    assert 'id="by-phone"' in page
    prove(both, mail)
    both.post("/my-data/close")
    assert both.post("/my-data/proof", phone=NUMBER).location == "/my-data"
    assert both.carrier.code


def test_a_store_that_reaches_nobody_says_so(join_with):
    bare = join_with(sms=None)

    assert "请问问店员" in bare.get("/my-data", Accept_Language="zh").text
    assert bare.post("/my-data/proof", phone=NUMBER).status_code == 503


def test_what_is_no_address_is_said_beside_the_field(both):
    answer = both.post("/my-data/proof", email="alice")

    assert answer.status_code == 422
    assert 'aria-describedby="email-fault"' in answer.text


def test_five_wrong_codes_lead_back_to_the_address(both, mail):
    both.post("/my-data/proof", email=ALICE)
    wrong = "000000" if mail.code != "000000" else "000001"
    answers = [both.post("/my-data/code", code=wrong) for _ in range(5)]

    assert [each.status_code for each in answers] == [422] * 4 + [429]
    assert 'id="email"' in answers[-1].text


@pytest.mark.parametrize(
    ("error", "status", "state"),
    [
        (MailServerError("the mail server answered 421"), 503, LoginState.CODE_SENT),
        (MailboxRefusedError("refused with [550]"), 422, LoginState.LOCKED),
    ],
    ids=["server", "mailbox"],
)
def test_a_mail_that_is_not_taken_is_told(both, mail, rows, error, status, state):  # noqa: PLR0917 - fixtures are passed by name
    mail.error = error
    answer = both.post("/my-data/proof", email=ALICE)

    assert answer.status_code == status
    assert ('id="email"' in answer.text) == (state is LoginState.LOCKED)
    assert rows(Login)[0].state is state


def test_a_resend_repeats_the_code(both, mail, clock):
    both.post("/my-data/proof", email=ALICE)
    first = mail.code
    clock.pass_by(minutes=1)

    assert both.post("/my-data/resend").location == "/my-data?sent=again"
    assert mail.code == first
    assert "两封邮件" in both.get("/my-data?sent=again", Accept_Language="zh").text


def test_another_address_takes_the_place_of_the_old_one(proven, mail, clock, rows, news):
    assert 'id="email"' in proven.get("/my-data/email").text
    assert proven.post("/my-data/email/proof", email=BOB).location == "/my-data/email"
    for step in ("proof", "code", "resend"):
        assert proven.get(f"/my-data/email/{step}").location == "/my-data/email"
    assert 'id="code"' in proven.get("/my-data/email").text
    assert proven.post("/my-data/email/code", code=mail.code).location == "/my-data"

    assert "b***@example.com" in proven.get("/my-data").text
    assert len(rows(Identity)) == len(rows(Member)) == 1
    [told] = news(EventType.MEMBER_UPDATED)
    assert told["email"] == BOB
    # Whoever has the old mailbox next is nobody here.
    proven.post("/my-data/close")
    clock.pass_by(minutes=1)
    prove(proven, mail)
    assert "没有会员档案" in proven.get("/my-data", Accept_Language="zh").text


def test_nobody_takes_another_members_address(proven, mail, clock, rows):
    own, proven.address = proven.address, "127.0.0.2"
    enrol(proven, mail, BOB)
    proven.address = own
    clock.pass_by(minutes=2)
    proven.post("/my-data/email/proof", email=BOB)

    answer = proven.post("/my-data/email/code", code=mail.code)
    assert answer.status_code == 409
    assert "已经属于另一位会员" in answer.text
    assert len(rows(Identity)) == len(rows(Member)) == 2
    assert rows(Login)[-1].state is LoginState.LOCKED
    assert MASKED in proven.get("/my-data").text


def test_an_address_goes_beside_a_number(phone, join_with, mail, clock, rows):
    phone.go_online(**BOXES)
    clock.pass_by(minutes=2)
    shopper = join_with(mail=mail)
    shopper.post("/my-data/proof", phone=NUMBER)
    shopper.post("/my-data/code", code=shopper.carrier.code)
    assert "添加邮箱" in shopper.get("/my-data", Accept_Language="zh").text
    shopper.post("/my-data/email/proof", email=ALICE)
    shopper.post("/my-data/email/code", code=mail.code)

    assert {row.kind for row in rows(Identity)} == {IdentityKind.PHONE, IdentityKind.EMAIL}
    assert "换邮箱" in shopper.get("/my-data", Accept_Language="zh").text


def test_another_address_needs_a_fresh_proof(member, mail):
    sent = len(mail.sent)

    assert member.get("/my-data/email").location == "/my-data"
    assert member.post("/my-data/email/proof", email=BOB).location == "/my-data"
    assert len(mail.sent) == sent


def test_a_store_without_mail_corrects_no_address(phone, clock):
    phone.go_online(**BOXES)
    clock.pass_by(minutes=2)
    phone.post("/my-data/proof", phone=NUMBER)
    phone.post("/my-data/code", code=phone.carrier.code)

    assert 'id="email"' not in phone.get("/my-data").text
    assert phone.post("/my-data/email/proof", email=ALICE).status_code == 503
    assert phone.post("/my-data/number/proof", phone=OTHER_NUMBER).location == "/my-data/number"
