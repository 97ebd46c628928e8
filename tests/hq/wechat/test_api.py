"""Our calls against a strict WeChat over HTTP: every answer and every documented error."""

import pytest

from core import clock
from hq.wechat.api import WechatApi
from hq.wechat.errors import (
    PermanentWechatError,
    RefusedCodeError,
    TemporaryWechatError,
)
from hq.wechat.tokens import App, Tokens
from hq.wechat.transport import Transport
from tests.fakes.wechat import server

ACCOUNT = App(server.OFFICIAL, server.SECRET)
PROGRAM = App(server.MINI_PROGRAM, server.SECRET)
WEBSITE = App(server.WEBSITE, server.SECRET)


@pytest.fixture
def transport(wechat):
    wechat.order("calm")
    return Transport(wechat.url, 5)


@pytest.fixture
def api(transport, hq_sqlite, sealer):
    return WechatApi(transport, Tokens(hq_sqlite, sealer, transport, clock.now))


def test_a_login_code_tells_who_it_is_once(api, wechat):
    code = wechat.code("login", server.MINI_PROGRAM, "alice")
    ids = wechat.ids(server.MINI_PROGRAM, "alice")

    user = api.mini_program_user(PROGRAM, code)
    assert (user.openid, user.unionid, user.is_snapshot) == (ids["openid"], ids["unionid"], False)
    with pytest.raises(RefusedCodeError) as caught:
        api.mini_program_user(PROGRAM, code)
    assert caught.value.number == 40163


def test_a_code_is_good_for_five_minutes(api, wechat):
    code = wechat.code("oauth", server.OFFICIAL, "alice")
    wechat.order("clock", pass_s=301)

    with pytest.raises(RefusedCodeError) as caught:
        api.authorised_user(ACCOUNT, code)
    assert caught.value.number == 40029


@pytest.mark.parametrize("code", ["", "made-up"])
def test_a_made_up_code_is_refused(api, code):
    with pytest.raises(RefusedCodeError):
        api.mini_program_user(PROGRAM, code)
    with pytest.raises(RefusedCodeError):
        api.phone(PROGRAM, code)


def test_a_code_of_one_app_is_worth_nothing_at_another(api, wechat):
    with pytest.raises(RefusedCodeError):
        api.authorised_user(WEBSITE, wechat.code("oauth", server.OFFICIAL, "alice"))


def test_a_user_whom_wechat_blocks_is_refused(api, wechat):
    wechat.order("person/eve", is_blocked=True)

    with pytest.raises(RefusedCodeError) as caught:
        api.mini_program_user(PROGRAM, wechat.code("login", server.MINI_PROGRAM, "eve"))
    assert caught.value.number == 40226


def test_a_phone_number_comes_with_its_country(api, wechat):
    wechat.order("person/frank", phone="91234567", country="852")

    assert api.phone(PROGRAM, wechat.code("phone", server.MINI_PROGRAM, "frank")) == "+85291234567"


@pytest.mark.parametrize(
    "info",
    [
        pytest.param('{"errcode":0}', id="none"),
        pytest.param(
            '{"errcode":0,"phone_info":{"purePhoneNumber":"138","countryCode":"86",'
            '"watermark":{"appid":"wx9999999999999999"}}}',
            id="of another app",
        ),
        pytest.param("[]", id="a list"),
        pytest.param("<html>", id="no JSON"),
        pytest.param('{"errcode":"x"}', id="no number"),
        pytest.param("[" * 50_000, id="deep"),
    ],
)
def test_an_answer_that_is_none_gives_no_phone_number(api, wechat, info):
    wechat.order("fault", path="/wxa/business/getuserphonenumber", body=info)

    with pytest.raises((TemporaryWechatError, PermanentWechatError)):
        api.phone(PROGRAM, wechat.code("phone", server.MINI_PROGRAM, "alice"))


def test_a_snapshot_user_is_marked(api, wechat):
    wechat.order("person/snapshot", is_snapshot=True)

    code = wechat.code("oauth", server.OFFICIAL, "snapshot")
    assert api.authorised_user(ACCOUNT, code).is_snapshot


def test_the_longest_scene_still_fits(api):
    assert "/q/" in api.follow_qr(ACCOUNT, "x" * 64, 600)


@pytest.mark.parametrize("noticed", [True, False], ids=["wechat knows", "wechat does not"])
def test_a_token_taken_over_by_another_program_is_replaced_and_the_call_repeated(
    api, wechat, noticed
):
    wechat.order("clock", pass_s=60)
    api.follow_qr(ACCOUNT, "a", 600)
    wechat.order(f"foreign-token/{server.OFFICIAL}", noticed=noticed)

    assert api.follow_qr(ACCOUNT, "b", 600)


def test_a_token_whose_time_is_over_at_wechat_is_replaced(api, wechat):
    api.follow_qr(ACCOUNT, "a", 600)
    wechat.order("clock", pass_s=7300)

    assert api.follow_qr(ACCOUNT, "b", 600)


def test_a_token_that_is_never_taken_ends_with_what_to_mend(api, wechat):
    wechat.order("clock", pass_s=60)
    wechat.order("fault", path="/cgi-bin/qrcode/create", errcode=40001, count=5)

    with pytest.raises(PermanentWechatError) as caught:
        api.follow_qr(ACCOUNT, "a", 600)
    assert "another program" in caught.value.mend


@pytest.mark.parametrize(
    ("change", "number"),
    [({"addresses": ["192.0.2.1"]}, 40164), ({"secret": "new"}, 40125)],
    ids=["address not in the whitelist", "secret changed"],
)
def test_an_account_set_up_wrongly_is_told_with_what_to_mend(api, wechat, change, number):
    wechat.order(f"app/{server.OFFICIAL}", **change)
    try:
        with pytest.raises(PermanentWechatError) as caught:
            api.follow_qr(ACCOUNT, "a", 600)
    finally:
        wechat.order(f"app/{server.OFFICIAL}", addresses=[], secret=server.SECRET)
    assert caught.value.number == number
    assert caught.value.mend


def test_links_are_counted(api, wechat):
    wechat.order(f"app/{server.MINI_PROGRAM}", links_a_day=0)
    try:
        with pytest.raises(TemporaryWechatError) as caught:
            api.url_link(PROGRAM, "pages/connect/connect", "login=x", "release")
    finally:
        wechat.order(f"app/{server.MINI_PROGRAM}", links_a_day=500_000)
    assert caught.value.number == 44993


def test_a_follower_has_an_id_common_to_all_accounts(api, wechat):
    wechat.order("person/gina", follows=[])
    ids = wechat.ids(server.OFFICIAL, "gina")

    assert api.follower_unionid(ACCOUNT, ids["openid"]) is None


def test_a_slow_wechat_is_not_waited_for(wechat):
    wechat.order("fault", path="/sns/jscode2session", slow_s=3)

    with pytest.raises(TemporaryWechatError, match="ReadTimeout"):
        Transport(wechat.url, 0.2).get("/sns/jscode2session", {})


def test_no_error_repeats_a_secret_or_a_code():
    with pytest.raises(TemporaryWechatError) as caught:
        Transport("http://127.0.0.1:9", 1).get("/x", {"secret": server.SECRET})
    seen = [caught.value]
    while seen[-1].__cause__ or not seen[-1].__suppress_context__:
        seen.append(seen[-1].__cause__ or seen[-1].__context__)

    assert server.SECRET not in " ".join(map(repr, seen))
