"""The button for WeChat, its page, and the ways back."""

import dataclasses
import json

import pytest

from core.account import AccountKind
from core.models import identity as identities
from core.models import login as logins
from core.models.grant import Grant
from core.models.identity import Identity, IdentityKind
from core.models.login import Login, LoginState, LoginWay
from core.models.member import Member
from core.models.temporary_pass import PassKind, TemporaryPass
from core.setting_groups.plans import PassSettings
from core.setting_groups.wechat import WechatSettings
from core.wechat_relay import Way
from gate.client import GateUnavailableError
from portal.application import create_app
from portal.ways.login import account_of
from portal.wechat.desk import LOGINS_AN_HOUR
from portal.wechat.shape import PermanentRelayError, TemporaryRelayError
from tests.portal.conftest import NUMBER, OTHER_NUMBER, URL
from tests.portal.sequences.handsets import Iphone
from tests.portal.wechat.relays import APP, FakeRelay

IPHONE = {"User-Agent": Iphone.agent}
INSIDE = {"User-Agent": f"{Iphone.agent} MicroMessenger/8.0.50"}
LAPTOP = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0"}
OPENID = f"{APP}:o-alice"


@pytest.fixture
def relay():
    return FakeRelay()


@pytest.fixture
def parts(parts, relay):
    wechat = WechatSettings(ways=tuple(Way))
    others = {"passes": PassSettings(per_day=3), "wechat": wechat}
    settings = parts.settings.model_copy(update=others)
    return dataclasses.replace(parts, settings=settings, wechat=relay)


@pytest.fixture
def lenient(parts, join_with):
    """A phone in a store for which an openid is enough."""
    wechat = WechatSettings(ways=tuple(Way), openid_suffices=True)
    return join_with(settings=parts.settings.model_copy(update={"wechat": wechat}))


def begin(phone, headers=IPHONE, **form):
    return phone.post("/wechat", headers, terms="yes", **form)


def come_back(phone, token, **headers):
    return phone.get(f"/wechat/back?wechat={token}", **headers)


def test_a_number_that_wechat_has_verified_leads_to_the_consents(phone, relay, rows, sealer, gate):
    assert 'formaction="/wechat"' in phone.get("/", User_Agent=Iphone.agent).text
    answer = begin(phone)
    assert (answer.status_code, answer.location) == (303, "/wechat")
    page = phone.get("/wechat", User_Agent=Iphone.agent)
    assert 'href="weixin://dl/business/?a=b"' in page.text
    assert "0427" in page.text
    assert '<meta http-equiv="refresh" content="5;url=/wechat?lang=zh">' in page.text

    relay.prove(Way.MINI_PROGRAM, phone="+8613800138000")
    assert phone.get("/wechat").location == "/consent"
    assert phone.post("/consent", membership="yes").location == "/online"

    [login] = rows(Login)
    assert (login.way, login.state) == (LoginWay.WECHAT, LoginState.ONLINE)
    assert login.sealed_offer is None
    assert account_of(sealer, login).phone.e164() == f"+86{NUMBER}"
    known = {
        row.kind: sealer.open(identities.VALUE, row.sealed_value).decode() for row in rows(Identity)
    }
    assert known == {
        IdentityKind.PHONE: f"+86{NUMBER}",
        IdentityKind.OPENID: OPENID,
        IdentityKind.UNIONID: "u-alice",
    }
    assert phone.mac.text() in gate.inside


def test_a_sheet_that_is_reopened_shows_where_the_login_is(phone, relay):
    begin(phone)
    assert phone.get("/").location == "/wechat"
    assert phone.get("/code").location == "/wechat"

    relay.prove(Way.FOLLOW)
    assert 'id="followed"' in phone.get("/wechat", User_Agent=Iphone.agent).text


def test_the_terms_come_first(phone, relay):
    answer = phone.post("/wechat", IPHONE)

    assert answer.status_code == 422
    assert "同意条款后才能上网" in answer.text
    assert relay.logins == {}


def test_without_a_phone_number_wechat_is_half_of_a_login(phone, relay, rows, sealer):
    begin(phone)
    token = relay.prove(Way.FOLLOW)
    assert come_back(phone, token, User_Agent=INSIDE["User-Agent"]).location == "/"
    page = phone.get("/")
    assert 'id="needs-number"' in page.text
    assert 'formaction="/wechat"' not in page.text
    # The same link again.
    assert come_back(phone, token).location == "/"

    # A number that was mistyped first.
    assert phone.ask_code(OTHER_NUMBER).location == "/code"
    phone.go_online(NUMBER, membership="yes")

    kinds = {row.kind for row in rows(Identity)}
    assert kinds == {IdentityKind.PHONE, IdentityKind.OPENID, IdentityKind.UNIONID}
    assert len(rows(Member)) == 1
    keys = json.loads(sealer.open(logins.KEYS, rows(Login)[-1].sealed_keys))
    assert keys == {"openid": OPENID, "unionid": "u-alice"}


def test_a_member_whose_number_was_proven_with_it_is_not_asked_again(
    phone, join, relay, rows, clock
):
    begin(phone)
    come_back(phone, relay.prove(Way.FOLLOW))
    phone.go_online(NUMBER, membership="yes")
    clock.pass_by(days=100)
    other, sent = join("127.0.0.2"), len(phone.carrier.sent)
    begin(other)
    assert come_back(other, relay.prove(Way.FOLLOW)).location == "/consent"
    assert "微信验证好了" in other.get("/consent").text
    assert other.post("/consent").location == "/online"

    login = rows(Login)[-1]
    assert login.account_lookup == rows(Login)[-2].account_lookup
    assert len(phone.carrier.sent) == sent
    assert len(rows(Member)) == 1
    # One tap says no more than the login it stands for.
    other.post("/logout")
    assert other.post("/continue").location == "/online"
    assert rows(Login)[-1].number_proven_at == login.number_proven_at == rows(Login)[1].verified_at


def test_another_login_on_the_same_phone_has_nothing_of_wechats(phone, relay, rows, clock):
    begin(phone)
    come_back(phone, relay.prove(Way.FOLLOW))
    clock.pass_by(minutes=31)
    phone.go_online(NUMBER, membership="yes")

    assert {row.kind for row in rows(Identity)} == {IdentityKind.PHONE}


def test_a_store_may_let_an_openid_suffice(lenient, relay, rows, sealer):
    begin(lenient)
    assert come_back(lenient, relay.prove(Way.FOLLOW)).location == "/consent"
    assert lenient.post("/consent").location == "/online"

    account = account_of(sealer, rows(Login)[0])
    assert (account.kind, account.value) == (AccountKind.OPENID, OPENID)
    assert rows(Grant)[0].member_id is None


def test_inside_wechat_a_button_leads_to_its_authorisation(phone, relay):
    begin(phone, INSIDE)
    page = phone.get("/wechat", User_Agent=INSIDE["User-Agent"])
    assert relay.newest.ways == (Way.OAUTH,)
    assert 'href="https://open.test/oauth#wechat_redirect"' in page.text
    assert "使用完整服务" in page.text
    assert "weixin://" not in page.text

    assert come_back(phone, relay.prove(Way.OAUTH)).location == "/"


def test_a_laptop_gets_wechats_page_and_a_code_for_the_phone_beside_it(phone, relay):
    begin(phone, LAPTOP)
    page = phone.get("/wechat", User_Agent=LAPTOP["User-Agent"])

    assert relay.newest.ways == (Way.WEBSITE, Way.MINI_PROGRAM)
    assert 'href="https://open.test/website"' in page.text
    assert 'src="data:image/svg+xml' in page.text
    assert "weixin://" not in page.text


def test_a_pass_is_given_with_the_login(phone, gate, rows):
    begin(phone)

    assert gate.passing == {phone.mac.text(): 120}
    assert rows(TemporaryPass)[0].kind is PassKind.IOS
    assert "14:32:00" in phone.get("/wechat", User_Agent=Iphone.agent).text
    assert "Safari" in phone.get("/pass").text


def test_a_gate_that_gives_no_pass_keeps_nobody_from_wechat(phone, gate):
    gate.error = GateUnavailableError("no answer from the gate")
    assert begin(phone).location == "/wechat"

    page = phone.get("/wechat", User_Agent=Iphone.agent)
    assert 'id="open-wechat"' in page.text
    answer = phone.post("/pass", IPHONE)
    assert "微信刚才没能打开" in phone.get(answer.location).text


def test_pressing_twice_begins_one_login(phone, relay):
    begin(phone)
    begin(phone)

    assert len(relay.logins) == 1


def test_one_phone_begins_a_few_logins_an_hour(phone, relay):
    for _ in range(LOGINS_AN_HOUR):
        assert begin(phone).location == "/wechat"
        # Headquarters knows it no longer.
        relay.logins.clear()
        phone.get("/wechat")

    answer = begin(phone)
    assert answer.status_code == 429
    assert "试得太多" in answer.text
    assert relay.logins == {}


@pytest.mark.parametrize(
    "error",
    [TemporaryRelayError("down"), PermanentRelayError("headquarters.key must be mended")],
    ids=["temporary", "permanent"],
)
def test_a_relay_that_fails_leaves_the_other_way(phone, relay, error, carrier):
    relay.error = error
    answer = begin(phone)
    assert answer.status_code == 503
    assert "请用手机号" in answer.text
    assert "mended" not in answer.text

    assert phone.ask_code().location == "/code"


def test_a_relay_without_any_way_leaves_the_other(phone, relay, rows):
    relay.closed = tuple(Way)

    assert begin(phone).status_code == 503
    assert rows(Login) == []


def test_a_relay_that_is_silent_in_between_is_asked_again(phone, relay):
    begin(phone)
    relay.error = TemporaryRelayError("down")
    page = phone.get("/wechat")
    assert page.status_code == 503
    assert 'http-equiv="refresh"' in page.text

    relay.error = None
    assert phone.get("/wechat").status_code == 200


@pytest.mark.parametrize("minutes", [11, 31])
def test_a_login_that_is_over_begins_anew(phone, relay, clock, minutes):
    begin(phone)
    clock.pass_by(minutes=minutes)
    phone.get("/wechat")

    assert phone.get("/").status_code == 200
    assert begin(phone).location == "/wechat"
    assert len(relay.logins) == 2


def test_another_device_is_sent_back_kindly(phone, join, relay, rows):
    begin(phone)
    token = relay.prove(Way.OAUTH)
    other = join("127.0.0.2")

    # Who has accepted no terms here is not even asked about.
    answer = come_back(other, token)
    assert answer.status_code == 403
    assert "请用要上网的那台设备" in answer.text
    assert relay.newest.redeemed_by is None

    begin(other)
    assert come_back(other, token).status_code == 403
    assert come_back(phone, token).location == "/"


def test_a_made_up_token_is_no_login(phone, relay):
    begin(phone)

    answer = come_back(phone, "made-up")
    assert answer.status_code == 403
    assert "链接过期了" in answer.text
    assert phone.get("/").location == "/wechat"


def test_who_comes_back_without_a_token_goes_on(phone, relay):
    begin(phone)

    assert phone.get("/wechat/back").location == "/wechat"


def test_wechats_number_is_judged_like_a_typed_one(phone, relay, rows):
    begin(phone)
    relay.prove(Way.MINI_PROGRAM, phone="+4915112345678")

    answer = phone.get("/wechat")
    assert answer.status_code == 422
    assert "请改填另一个手机号" in answer.text
    assert rows(Login)[0].account_lookup is None
    assert phone.ask_code().location == "/code"


def test_a_lost_answer_is_fetched_again(phone, relay, parts, rows):
    begin(phone)
    relay.prove(Way.MINI_PROGRAM, phone="+8613800138000")
    [login_id] = relay.logins
    relay.redeem_login(login_id, relay.newest.reference, parts.clock())

    assert phone.get("/wechat").location == "/consent"


def test_who_would_rather_type_a_number_may(phone, relay):
    begin(phone)
    page = phone.get("/?change=1")
    assert page.status_code == 200

    assert phone.ask_code().location == "/code"
    assert phone.get("/wechat").location == "/code"


def test_who_is_online_begins_no_login(phone, relay):
    phone.go_online()

    assert begin(phone).location == "/online"
    assert relay.logins == {}


def test_a_store_without_a_relay_has_no_button(parts, carrier, phone):
    bare = create_app(dataclasses.replace(parts, wechat=None)).test_client()
    page = bare.get("/", base_url=URL, headers=IPHONE)

    assert "formaction" not in page.text


def test_what_is_kept_while_away_is_sealed(phone, relay, rows):
    begin(phone)

    [login] = rows(Login)
    assert b"weixin" not in login.sealed_offer
    assert relay.newest.reference not in str(phone.mac.text())
    assert relay.newest.return_url == f"{URL}/wechat/back"
