"""Login by a code in a mail, without text messages or with them."""

import pytest

from core.mail import MailboxRefusedError, MailServerError
from core.models.code_send import CodeSend
from core.models.identity import Identity, IdentityKind
from core.models.login import Login, LoginWay
from core.setting_groups.sms import SmsSettings
from portal.clones import challenges
from tests.portal.conftest import OTHER_NUMBER
from tests.portal.other_ways import FakeMail, with_ways

ADDRESS = "Alice@Example.com"


@pytest.fixture
def mail():
    return FakeMail()


@pytest.fixture
def shopper(join_with, parts, mail):
    return join_with(settings=with_ways(parts.settings), mail=mail, sms=None)


def ask(phone, address=ADDRESS):
    return phone.post("/email", email=address, terms="yes")


def test_the_code_in_the_mail_leads_online_and_makes_a_member(shopper, mail, rows, gate, carrier):
    assert ask(shopper).location == "/code"
    page = shopper.get("/code").text
    assert "a***@example.com" in page
    assert "alice@example.com" not in page
    [(address, subject, text)] = mail.sent
    assert address == "alice@example.com"
    assert mail.code in text
    assert mail.code in subject

    assert shopper.post("/code", code=mail.code).location == "/consent"
    assert "邮箱验证好了" in shopper.get("/consent").text
    assert shopper.post("/consent", membership="yes").location == "/online"
    assert len(gate.inside) == 1
    assert carrier.sent == []
    assert rows(Login)[0].way is LoginWay.EMAIL
    assert [identity.kind for identity in rows(Identity)] == [IdentityKind.EMAIL]


@pytest.mark.parametrize("address", ["", "alice", "alice@example", "a b@example.com"])
def test_what_is_no_address_is_said_beside_the_field(shopper, mail, address):
    answer = ask(shopper, address)

    assert answer.status_code == 422
    assert 'aria-describedby="email-fault"' in answer.text
    assert mail.sent == []


def test_a_resend_repeats_the_code(shopper, mail, clock):
    ask(shopper)
    first = mail.code
    clock.pass_by(minutes=1)

    assert shopper.post("/resend").location == "/code?sent=again"
    assert mail.code == first
    assert "两封邮件" in shopper.get("/code?sent=again").text


def test_the_limits_of_codes_hold(shopper, mail, clock):
    answers = []
    for _ in range(6):
        answers.append(ask(shopper).status_code)
        clock.pass_by(seconds=61)

    assert answers == [303] * 5 + [429]
    assert len(mail.sent) == 5


def test_five_wrong_codes_lead_back_to_the_address(shopper, mail):
    ask(shopper)
    wrong = "000000" if mail.code != "000000" else "000001"
    answers = [shopper.post("/code", code=wrong) for _ in range(5)]

    assert answers[-1].status_code == 429
    assert 'id="email"' in answers[-1].text


def test_mails_cost_the_store_no_text_messages(join_with, parts, mail, rows):
    settings = with_ways(parts.settings)
    settings = settings.model_copy(update={"sms": SmsSettings(sends_per_store_day=1)})
    phone = join_with(settings=settings, mail=mail)
    ask(phone)
    assert phone.ask_code(OTHER_NUMBER).location == "/code"

    # The budget is used up; a mail still goes.
    assert ask(phone, "bob@example.com").location == "/code"
    assert [send.way for send in rows(CodeSend)] == [LoginWay.EMAIL, LoginWay.SMS, LoginWay.EMAIL]


@pytest.mark.parametrize(
    ("error", "status", "field"),
    [
        pytest.param(MailServerError("the mail server answered 421"), 503, "code", id="server"),
        pytest.param(MailboxRefusedError("refused with [550]"), 422, "email", id="mailbox"),
    ],
)
def test_a_mail_that_is_not_taken_is_told(shopper, mail, error, status, field):
    mail.error = error
    answer = ask(shopper)

    assert answer.status_code == status
    assert f'id="{field}"' in answer.text
    mail.error = None


def test_a_challenge_goes_to_the_mailbox(shopper, mail, parts, gate, clock):
    ask(shopper)
    shopper.post("/code", code=mail.code)
    shopper.post("/consent")
    clock.pass_by(minutes=5)
    challenges.challenge(parts.database, parts.sealer, gate, shopper.mac, most=3, now=clock.now)
    assert "a***@example.com" in shopper.get("/challenge").text

    assert shopper.post("/challenge").location == "/code"
    assert shopper.post("/code", code=mail.code).location == "/online"
