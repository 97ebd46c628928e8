"""My data for whoever is known by WeChat alone: to WeChat and back, on each screen."""

import dataclasses

import pytest

from core.models.consent import Consent, Purpose
from core.models.identity import Identity
from core.models.login import Login, LoginState, LoginWay, Serves
from core.models.member import Member
from core.outbox import EventType
from core.setting_groups.ways import WaysSettings
from core.setting_groups.wechat import WechatSettings
from core.wechat_relay import Way
from portal.wechat.desk import LOGINS_AN_HOUR
from portal.wechat.shape import TemporaryRelayError
from tests.portal.conftest import NUMBER, URL
from tests.portal.other_ways import with_ways
from tests.portal.sequences.handsets import Iphone
from tests.portal.wechat.relays import APP, FakeRelay

IPHONE = {"User-Agent": Iphone.agent}
INSIDE = {"User-Agent": f"{Iphone.agent} MicroMessenger/8.0.50"}
LAPTOP = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0"}
BOXES = {"membership": "yes", "marketing": "yes"}
SHOWN = "****lice"


@pytest.fixture
def relay():
    return FakeRelay()


@pytest.fixture
def parts(parts, relay):
    """Of a store for which an openid is enough, and which has nothing but WeChat."""
    settings = with_ways(parts.settings, WaysSettings(sms=False))
    wechat = WechatSettings(ways=tuple(Way), openid_suffices=True)
    settings = settings.model_copy(update={"wechat": wechat})
    return dataclasses.replace(parts, settings=settings, wechat=relay, sms=None)


@pytest.fixture
def member(phone, relay, clock):
    """Alice, known by WeChat alone, and online."""
    phone.post("/wechat", INSIDE, terms="yes")
    token = relay.prove(Way.OAUTH)
    assert phone.get(f"/wechat/back?wechat={token}").location == "/consent"
    assert phone.post("/consent", **BOXES).location == "/online"
    clock.pass_by(minutes=2)
    return phone


def begin(phone, headers=INSIDE):
    answer = phone.post("/my-data/wechat", headers)
    assert answer.location == "/my-data/wechat"


def come_back(phone, token):
    return phone.get(f"/my-data/wechat/back?wechat={token}")


@pytest.fixture
def proven(member, relay):
    begin(member)
    assert come_back(member, relay.prove(Way.OAUTH)).location == "/my-data"
    return member


def test_the_page_asks_for_wechat_alone_where_there_is_nothing_else(member):
    page = member.get("/my-data", User_Agent=Iphone.agent).text

    assert 'action="/my-data/wechat"' in page
    assert "<input id=" not in page
    assert 'class="problem"' not in page
    assert SHOWN not in page


@pytest.mark.parametrize(
    ("headers", "ways", "shown"),
    [
        pytest.param(INSIDE, (Way.OAUTH,), 'href="https://open.test/oauth', id="inside"),
        pytest.param(LAPTOP, (Way.WEBSITE, Way.MINI_PROGRAM), 'id="website"', id="laptop"),
        pytest.param(
            IPHONE, (Way.MINI_PROGRAM, Way.FOLLOW, Way.OAUTH), 'id="mini-program"', id="phone"
        ),
    ],
)
def test_each_screen_has_its_ways(member, relay, headers, ways, shown):
    begin(member, headers)
    page = member.get("/my-data/wechat", User_Agent=headers["User-Agent"]).text

    assert relay.newest.ways == ways
    assert relay.newest.return_url == f"{URL}/my-data/wechat/back"
    assert shown in page
    assert 'content="5;url=/my-data/wechat?lang=zh"' in page
    # Online, so WeChat is near.
    assert "移动数据" not in page


@pytest.mark.parametrize("way", [Way.OAUTH, Way.FOLLOW, Way.WEBSITE])
def test_who_comes_back_from_wechat_sees_what_is_known(member, relay, rows, way):
    begin(member, LAPTOP if way is Way.WEBSITE else IPHONE)
    token = relay.prove(way)
    assert come_back(member, token).location == "/my-data"
    # The same link, tapped again.
    assert come_back(member, token).location == "/my-data"

    page = member.get("/my-data", Accept_Language="zh").text
    assert f"微信（{SHOWN}）" in page
    assert "加入会员" in page
    login = rows(Login)[-1]
    assert (login.way, login.serves, login.state) == (
        LoginWay.WECHAT,
        Serves.MY_DATA,
        LoginState.VERIFIED,
    )


def test_the_mini_program_needs_no_way_back(member, relay):
    begin(member, IPHONE)
    relay.prove(Way.MINI_PROGRAM, phone=f"+86{NUMBER}")

    assert member.get("/my-data/wechat").location == "/my-data"
    assert "138****8000" in member.get("/my-data").text


def test_a_number_that_may_not_log_in_here_hides_nothing(member, relay):
    begin(member, IPHONE)
    relay.prove(Way.MINI_PROGRAM, phone="+4915112345678")

    assert member.get("/my-data/wechat").location == "/my-data"
    assert SHOWN in member.get("/my-data").text


def test_a_member_by_wechat_exports_corrects_withdraws_and_is_erased(proven, rows, news):
    found = proven.get("/my-data/export").get_json()
    assert found["account"] == {"kind": "openid", "value": f"{APP}:o-alice"}
    assert {key["value"] for key in found["member"]["keys"]} == {f"{APP}:o-alice", "u-alice"}

    proven.post("/my-data/language", language="en")
    proven.post("/my-data/withdraw/marketing")
    assert [each.purpose for each in rows(Consent) if each.withdrawn_at] == [Purpose.MARKETING]

    assert proven.post("/my-data/erase").location == "/my-data/erased"
    assert rows(Member) == rows(Identity) == []
    assert len(news(EventType.MEMBER_ERASED)) == 1
    assert {login.serves for login in rows(Login)} == {Serves.INTERNET}


def test_a_proof_by_wechat_lasts_a_quarter_of_an_hour(proven, clock):
    clock.pass_by(minutes=15)

    assert SHOWN not in proven.get("/my-data").text


def test_a_sheet_that_is_reopened_goes_on_where_it_was(member):
    begin(member, IPHONE)

    assert member.get("/my-data").location == "/my-data/wechat"
    page = member.get("/my-data?change=1", User_Agent=Iphone.agent)
    assert 'action="/my-data/wechat"' in page.text


def test_a_login_is_no_proof_and_a_proof_no_login(phone, relay, gate):
    phone.post("/wechat", INSIDE, terms="yes")
    token = relay.prove(Way.OAUTH)
    assert come_back(phone, token).status_code == 403
    assert phone.get("/my-data/wechat").location == "/my-data"

    begin(phone)
    relay.prove(Way.OAUTH)
    assert phone.get("/").location == "/wechat"
    assert gate.inside == {}


def test_another_device_is_told_so(member, join, relay):
    begin(member)
    token = relay.prove(Way.OAUTH)
    other = join("127.0.0.2")

    for _ in range(2):
        answer = come_back(other, token)
        assert answer.status_code == 403
        assert "点过“用微信确认”的那台设备" in answer.text
        begin(other)
    assert SHOWN not in other.get("/my-data?change=1").text


def test_pressing_twice_begins_one_login(member, relay):
    before = len(relay.logins)
    begin(member)
    begin(member)

    assert len(relay.logins) == before + 1


def test_logins_and_proofs_count_together(phone, relay):
    for _ in range(LOGINS_AN_HOUR):
        begin(phone)
        relay.logins.clear()
        page = phone.get("/my-data/wechat")
        assert "过期了" in page.text

    assert phone.post("/my-data/wechat", INSIDE).status_code == 429


def test_a_relay_that_fails_is_said_on_the_page_of_my_data(phone, relay):
    relay.error = TemporaryRelayError("down")
    answer = phone.post("/my-data/wechat", INSIDE)
    assert answer.status_code == 503
    assert "现在不能用微信确认" in answer.text

    relay.error = None
    begin(phone)
    token = relay.prove(Way.OAUTH)
    relay.error = TemporaryRelayError("down")
    assert come_back(phone, token).status_code == 503
    relay.error = None
    assert come_back(phone, token).location == "/my-data"


def test_who_has_a_strangers_old_number_sees_nothing_of_theirs(member, join, relay, clock):
    # Alice had proven this number with WeChat; by now it is Bob's.
    member.post("/logout")
    member.post("/wechat", IPHONE, terms="yes")
    relay.prove(Way.MINI_PROGRAM, phone=f"+86{NUMBER}")
    assert member.get("/wechat").location == "/consent"
    member.post("/consent")
    clock.pass_by(days=200)

    bob = join("127.0.0.2")
    begin(bob, IPHONE)
    relay.prove(Way.MINI_PROGRAM, "bob", phone=f"+86{NUMBER}")
    assert bob.get("/my-data/wechat").location == "/my-data"
    page = bob.get("/my-data", Accept_Language="zh").text
    assert "没有会员档案" in page
    assert SHOWN not in page


def test_a_store_without_a_relay_has_no_button(join_with):
    bare = join_with(wechat=None)

    assert "/my-data/wechat" not in bare.get("/my-data").text
    for answer in (
        bare.post("/my-data/wechat", INSIDE),
        bare.get("/my-data/wechat"),
        bare.get("/my-data/wechat/back?wechat=x"),
    ):
        assert answer.location == "/my-data"
