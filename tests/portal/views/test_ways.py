"""The ways in beside the phone number, as shoppers meet them."""

import dataclasses
import re

import pytest

from analytics.dashboard import guests, vouchers
from core.account import Account, AccountKind
from core.models import login as logins
from core.models.consent import Consent, Purpose
from core.models.grant import EndCause, Grant
from core.models.login import Login, LoginWay
from core.models.member import Member
from core.models.sponsor_request import SponsorRequest
from core.setting_groups.ways import WaysSettings
from gate.client import GateUnavailableError
from portal.clones import challenges
from portal.clones.challenges import Outcome
from tests.portal.other_ways import make_vouchers, with_ways


@pytest.fixture
def parts(parts):
    """With every way in, for `phone` and `join`."""
    settings = with_ways(parts.settings)
    return dataclasses.replace(parts, settings=settings)


@pytest.fixture
def voucher(parts, clock):
    _, [code] = make_vouchers(parts.database, parts.sealer, parts.settings, clock.now)
    return code


@pytest.fixture
def decide(parts, clock):
    """Staff decide about the only guest who waits: `decide(hours=2)`."""

    def choose(hours=None, user="alice"):
        [guest] = guests.waiting(parts.database, parts.sealer, clock.now)
        return guests.decide(
            parts.database, parts.sealer, guest.request_id, user, hours=hours, now=clock.now
        )

    return choose


@pytest.fixture
def challenge(parts, gate, clock, phone):
    return lambda: challenges.challenge(
        parts.database, parts.sealer, gate, phone.mac, most=3, now=clock.now
    )


def account_of(parts, login):
    return Account.opened(parts.sealer, logins.ACCOUNT, login.sealed_account)


@pytest.mark.parametrize(
    ("ways", "there", "gone"),
    [
        pytest.param(WaysSettings(), {"/login"}, {"/voucher", "/guest", "/email"}, id="usual"),
        pytest.param(
            WaysSettings(sms=False, voucher=True, sponsor=True),
            {"/voucher", "/guest"},
            {"/login", "/email"},
            id="no text messages",
        ),
    ],
)
def test_a_store_has_the_ways_that_it_switched_on(join_with, parts, ways, there, gone):
    phone = join_with(settings=with_ways(parts.settings, ways))
    page = phone.get("/").text

    assert {path for path in there | gone if path in page} == there
    for path in gone:
        assert phone.post(path, terms="yes").status_code == 404


def test_a_voucher_leads_online_in_one_step(phone, parts, voucher, rows, gate):
    page = phone.get(f"/voucher?code={voucher}").text
    assert f'value="{voucher[:4]}-{voucher[4:]}"' in page
    typed = f"{voucher[:4]} {voucher[4:]}".lower()

    assert phone.post("/voucher", voucher=typed, terms="yes").location == "/online"
    assert gate.inside == {phone.mac.text(): 7200}
    [login] = rows(Login)
    assert (login.way, account_of(parts, login).kind) == (LoginWay.VOUCHER, AccountKind.VOUCHER)
    assert [consent.purpose for consent in rows(Consent)] == [Purpose.TERMS]
    assert rows(Member) == []


@pytest.mark.parametrize(
    ("form", "status"),
    [
        pytest.param({"voucher": "0000-0000", "terms": "yes"}, 422, id="unknown"),
        pytest.param({"voucher": "123", "terms": "yes"}, 422, id="no code"),
        pytest.param({"voucher": "0000-0000"}, 422, id="without the terms"),
    ],
)
def test_a_wrong_form_says_what_is_wrong(phone, gate, form, status):
    answer = phone.post("/voucher", **form)

    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert gate.inside == {}


def test_a_voucher_alone_without_terms_counts_no_use(phone, voucher):
    assert phone.post("/voucher", voucher=voucher).status_code == 422
    assert phone.post("/voucher", voucher=voucher, terms="yes").location == "/online"


def test_revoking_a_batch_stops_who_is_online_by_it(phone, parts, voucher, gate, clock, rows):  # noqa: PLR0917 - fixtures are passed by name
    phone.post("/voucher", voucher=voucher, terms="yes")
    ended = vouchers.revoke(parts.database, parts.sealer, gate, 1, clock.now)

    assert (ended, gate.inside) == (1, {})
    assert rows(Grant)[0].end_cause is EndCause.REVOKED
    assert phone.post("/voucher", voucher=voucher, terms="yes").status_code == 422


def test_revoking_goes_on_where_a_silent_gate_stopped_it(phone, parts, voucher, gate, clock):
    phone.post("/voucher", voucher=voucher, terms="yes")
    gate.error = GateUnavailableError("no answer from the gate")
    with pytest.raises(GateUnavailableError):
        vouchers.revoke(parts.database, parts.sealer, gate, 1, clock.now)
    gate.error = None

    assert vouchers.revoke(parts.database, parts.sealer, gate, 1, clock.now) == 1
    assert gate.inside == {}


def test_a_challenged_voucher_is_entered_again_and_goes_on(phone, voucher, challenge, clock, gate):
    phone.post("/voucher", voucher=voucher, terms="yes")
    clock.pass_by(minutes=30)
    assert challenge() is Outcome.CHALLENGED
    assert "再登录一次" in phone.get("/challenge").text

    assert phone.post("/challenge").location == "/voucher"
    assert phone.post("/voucher", voucher=voucher, terms="yes").location == "/online"
    assert gate.inside == {phone.mac.text(): 5400}


def test_a_guest_waits_is_let_in_and_goes_online(phone, parts, decide, rows, gate):
    assert phone.post("/guest", sponsor="小王", terms="yes").location == "/guest"
    [request] = rows(SponsorRequest)
    page = phone.get("/guest").text
    assert request.match_number in page
    assert '<meta http-equiv="refresh"' in page
    assert phone.get("/").location == "/guest"
    assert decide(hours=2) is not None

    assert phone.get("/guest").location == "/consent"
    page = phone.get("/consent").text
    assert 'type="checkbox"' not in page
    assert phone.post("/consent", membership="yes").location == "/online"
    assert gate.inside == {phone.mac.text(): 7200}
    [login] = rows(Login)
    assert account_of(parts, login) == Account(AccountKind.SPONSOR, "alice")
    assert rows(Member) == []
    assert rows(SponsorRequest)[0].sealed_name is None


def test_two_guests_of_one_sponsor_agree_each_for_themselves(join, decide, rows):
    for address in ("127.0.0.1", "127.0.0.2"):
        phone = join(address)
        phone.post("/guest", sponsor="小王", terms="yes")
        decide(hours=1)
        assert phone.post("/consent").location == "/online"

    assert [consent.purpose for consent in rows(Consent)] == [Purpose.TERMS] * 2


def test_who_is_refused_is_told_and_may_log_in_otherwise(phone, decide):
    phone.post("/guest", sponsor="小王", terms="yes")
    decide()

    assert "没有放行" in phone.get("/guest").text
    phone.go_online()


def test_a_form_sent_twice_asks_once(phone, rows):
    for _ in range(3):
        assert phone.post("/guest", sponsor="小王", terms="yes").location == "/guest"

    assert len(rows(SponsorRequest)) == 1


def test_after_a_quarter_of_an_hour_nobody_waits(phone, parts, clock, rows):
    phone.post("/guest", sponsor="小王", terms="yes")
    clock.pass_by(minutes=15)

    assert guests.waiting(parts.database, parts.sealer, clock.now) == []
    number = rows(SponsorRequest)[0].id
    asked = guests.decide(parts.database, parts.sealer, number, "alice", hours=1, now=clock.now)
    assert asked is None
    assert "15 分钟" in phone.get("/guest").text


def test_who_asks_too_often_is_sent_to_the_staff(phone, decide):
    for _ in range(5):
        phone.post("/guest", sponsor="小王", terms="yes")
        decide()

    assert phone.post("/guest", sponsor="小王", terms="yes").status_code == 429


def test_a_challenged_guest_asks_again(phone, decide, challenge):
    phone.post("/guest", sponsor="小王", terms="yes")
    decide(hours=1)
    phone.post("/consent")
    challenge()

    assert phone.post("/challenge").location == "/guest"
    assert phone.post("/guest", sponsor="小王", terms="yes").location == "/guest"


def test_who_does_not_say_that_they_are_of_age_gets_access_and_no_profile(phone, parts, rows):
    phone.verify()
    page = phone.get("/consent").text
    assert f"我已满 {parts.settings.minimum_age} 周岁" in page
    assert " checked" not in page

    assert phone.post("/consent", marketing="yes", visit_analytics="yes").location == "/online"
    assert rows(Member) == []
    assert [consent.purpose for consent in rows(Consent)] == [Purpose.TERMS]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/email", "/voucher", "/guest"])
def test_each_page_is_light_needs_no_script_and_ties_labels_to_fields(
    join_with, parts, path, language
):
    phone = join_with(settings=with_ways(parts.settings), mail=object())
    answer = phone.post(path, lang=language)

    assert answer.status_code == 422
    assert len(answer.data) < 50 * 1024
    assert "<script" not in answer.text
    [field] = re.findall(r'<label class="field" for="(\w+)"', answer.text)
    assert f'<input id="{field}"' in answer.text
    assert f'aria-describedby="{field}-fault"' in answer.text
    assert f'id="{field}-fault"' in answer.text
    assert 'aria-describedby="terms-fault"' in answer.text
