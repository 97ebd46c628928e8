import pytest

from core import wechat_relay
from core.wechat_relay import Way
from hq import logins
from hq.models.proof import Proof
from hq.models.receipt import Receipt
from hq.models.wechat_login import WechatLogin
from hq.wechat.api import User
from hq.wechat.errors import of_number
from tests.fakes.wechat import server
from tests.hq.parts import BACK, PORTAL, Relay


@pytest.fixture
def relay(hq_database, sealer, now):
    return Relay(hq_database, sealer, now)


@pytest.fixture
def login(relay):
    return relay.begin(Way.OAUTH, Way.MINI_PROGRAM).json["login"]


def come_back(relay, state, way="oauth", code="c", **headers):
    query = {"state": state} | ({"code": code} if code else {})
    return relay.browser.get(f"/wechat/{way}", query_string=query, headers=headers)


def tap(relay, login):
    sent = {"login": login, "login_code": "a", "phone_code": "b"}
    return relay.browser.post("/wechat/mini-program/prove", json=sent)


def redeem(relay, **question):
    return relay.ask(wechat_relay.REDEEM, **{"reference": "phone-1", **question})


def test_an_offer_shows_each_way(relay):
    answer = relay.begin().json

    login = answer["login"]
    assert answer["ways"]["mini_program"]["scheme"] == (
        f"weixin://dl/business/?appid={server.MINI_PROGRAM}&path=pages%2Fconnect%2Fconnect"
        f"&query=login%3D{login}&env_version=release"
    )
    assert answer["ways"]["follow"]["qr"] == f"http://weixin.test/q/wifi_{login}/600"
    assert answer["ways"]["oauth"]["url"] == (
        f"https://open.weixin.qq.com/connect/oauth2/authorize?appid={server.OFFICIAL}"
        "&redirect_uri=https%3A%2F%2Fhq.test%2Fwechat%2Foauth&response_type=code"
        f"&scope=snsapi_base&state={login}#wechat_redirect"
    )
    assert "connect/qrconnect" in answer["ways"]["website"]["url"]
    assert "scope=snsapi_login" in answer["ways"]["website"]["url"]
    assert answer["unavailable"] == {}


def test_without_a_public_name_the_mini_program_alone_is_offered(hq_database, sealer, now):
    answer = Relay(hq_database, sealer, now, public_url="").begin().json

    assert set(answer["ways"]) == {"mini_program"}
    assert set(answer["unavailable"].values()) == {"not_set"}


def test_a_scheme_is_offered_even_if_wechat_makes_no_link(hq_database, sealer, now):
    settings = {"app_id": server.MINI_PROGRAM, "secret": "s", "url_link": True}
    relay = Relay(hq_database, sealer, now, mini_program=settings)
    assert relay.begin(Way.MINI_PROGRAM).json["ways"]["mini_program"]["url_link"]
    relay.wechat.error = of_number(44993)

    assert set(relay.begin(Way.MINI_PROGRAM).json["ways"]["mini_program"]) == {"scheme"}


def test_the_mini_program_proves_for_the_device_that_began_alone(relay, login):
    assert tap(relay, login).status_code == 200

    assert redeem(relay, login=login, reference="other").json == {"error": "other_device"}
    assert redeem(relay, login=login).json == {
        "way": "mini_program",
        "level": "phone",
        "app_id": server.MINI_PROGRAM,
        "openid": "o-alice",
        "unionid": "u-alice",
        "phone": "+8613800138000",
    }


def test_nothing_is_known_before_it_is_proved(relay, login):
    assert redeem(relay, login=login).status_code == 404
    assert redeem(relay, token="x" * 48).status_code == 404
    assert redeem(relay).status_code == 422
    assert redeem(relay, login=login, token="x").status_code == 422


def test_what_is_redeemed_is_told_again_to_the_same_device_until_its_time_is_over(relay, login):
    tap(relay, login)
    first = redeem(relay, login=login).json
    relay.clock.pass_by(minutes=9)
    assert redeem(relay, login=login).json == first
    relay.clock.pass_by(minutes=2)

    assert redeem(relay, login=login).json == {"error": "expired"}


def test_the_mini_program_may_try_a_few_times(relay, login):
    relay.wechat.error = of_number(40029)
    for _ in range(5):
        assert tap(relay, login).status_code == 410
    relay.wechat.error = None

    assert tap(relay, login).status_code == 410
    assert relay.wechat.asked == 5


@pytest.mark.parametrize(("number", "status"), [(-1, 503), (45011, 503), (40164, 500)])
def test_the_mini_program_is_told_whether_to_try_again(relay, login, number, status):
    relay.wechat.error = of_number(number)

    assert tap(relay, login).status_code == status


@pytest.mark.parametrize("body", ["", "[]", '{"login": 5}', '{"login": "x"}', "{" * 5000])
def test_the_mini_program_is_heard_only_in_the_agreed_form(relay, body):
    for question in ("greet", "prove"):
        answer = relay.browser.post(f"/wechat/mini-program/{question}", data=body)
        assert answer.status_code in {410, 422}


def test_a_redirect_holds_a_token_good_for_the_portal(relay, login):
    answer = come_back(relay, login)

    assert answer.status_code == 302
    address, token = answer.location.split("?wechat=")
    assert address == BACK
    assert redeem(relay, token=token).json["level"] == "openid"


def test_an_address_that_has_a_query_keeps_it(relay):
    login = relay.begin(Way.OAUTH, return_url=f"{PORTAL}/back?lang=en").json["login"]

    assert come_back(relay, login).location.startswith(f"{PORTAL}/back?lang=en&wechat=")


@pytest.mark.parametrize(
    ("state", "status"), [("", 410), ("0" * 32, 410), ("\x00", 400), ("' OR 1", 410), ("é", 410)]
)
def test_a_state_nobody_gave_out_leads_nowhere(relay, state, status):
    answer = come_back(relay, state)

    assert answer.status_code == status
    assert relay.wechat.asked == 0
    assert "href" not in answer.text.replace('<link rel="icon" href="data:,">', "")


def test_a_state_is_good_once_and_for_its_time(relay, login):
    late = relay.begin(Way.OAUTH).json["login"]
    assert come_back(relay, login).status_code == 302
    assert come_back(relay, login).status_code == 410
    relay.clock.pass_by(minutes=11)
    assert come_back(relay, late).status_code == 410


@pytest.mark.parametrize(
    ("number", "status"), [(40029, 410), (40163, 410), (-1, 503), (45011, 503), (40125, 500)]
)
def test_a_code_that_brings_nothing_ends_in_a_page_with_the_way_back(relay, login, number, status):
    relay.wechat.error = of_number(number)
    answer = come_back(relay, login)

    assert answer.status_code == status
    assert f'href="{BACK}"' in answer.text


def test_a_snapshot_user_is_refused_and_may_come_again(relay, login):
    relay.wechat.user = User("o-nobody", None, is_snapshot=True)
    assert come_back(relay, login).status_code == 403
    relay.wechat.user = User("o-alice", None)

    assert come_back(relay, login).status_code == 302


def test_pages_speak_the_shoppers_language(relay):
    login = relay.begin(Way.WEBSITE, language="zh-CN").json["login"]

    assert "您取消了微信登录" in come_back(relay, login, way="website", code="").text
    assert "This login is over" in come_back(relay, "x", Accept_Language="en").text


def test_pages_load_nothing_and_are_kept_by_nobody(relay):
    answer = come_back(relay, "x")

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_what_is_kept_of_a_shopper_is_sealed_and_soon_gone(relay, login, hq_database):
    tap(relay, login)
    with hq_database.reading() as session:
        [proof] = session.query(Proof)
    assert b"13800138000" not in proof.sealed_identity
    assert b"o-alice" not in proof.sealed_identity
    relay.clock.pass_by(days=1, hours=1)
    relay.begin(Way.OAUTH)

    with hq_database.reading() as session:
        assert session.query(Proof).count() == 0
        assert session.query(WechatLogin).count() == 1
        assert session.query(Receipt).count() == 1


def test_an_identity_hides_when_printed():
    identity = logins.Identity(Way.FOLLOW, "wx", "o-alice", "u-alice", "+8613800138000")

    assert repr(identity) == "Identity(hidden)"
    assert repr(User("o-alice", None)) == "User(hidden)"
