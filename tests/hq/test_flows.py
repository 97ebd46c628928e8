"""Each way of logging in by WeChat, from end to end: a store's client, the relay under real
gunicorn with two workers, and a strict WeChat, all speaking HTTP.
"""

import concurrent.futures
import datetime as dt
import functools
import html
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from appliance import ways_check
from appliance.finding import Grade
from core import clock
from core.setting_groups.plans import PassSettings
from core.setting_groups.store import StoreSettings
from core.wechat_relay import Level, Refusal, Stage, Unavailable, Way
from portal.wechat.relay import open_relay
from portal.wechat.shape import LoginOverError, TemporaryRelayError
from tests.fakes.wechat.callbacks import TLS
from tests.fakes.wechat.server import ENCODING_KEY, MINI_PROGRAM, OFFICIAL, SECRET, WEBSITE
from tests.hq.headquarters import Headquarters, store_settings

PORTAL = "http://wifi.store.test:8080"
BACK = f"{PORTAL}/wechat/back"

get = functools.partial(httpx.get, timeout=30, trust_env=False, verify=TLS)
post = functools.partial(httpx.post, timeout=30, trust_env=False, verify=TLS)


@pytest.fixture(scope="module", params=["sqlite-aes", "postgresql-plain"])
def headquarters(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hq")
    if request.param == "sqlite-aes":
        options = {"encoding_key": ENCODING_KEY}
    else:
        options = {"database_url": request.getfixturevalue("new_postgresql")()}
    with Headquarters(folder, **options) as running:
        yield running


@pytest.fixture(scope="module")
def wechat(headquarters):
    return headquarters.wechat


def client(headquarters, name):
    key = headquarters.add_store(name, PORTAL)
    return open_relay(store_settings(headquarters.url, key, store=StoreSettings(id=name)))


@pytest.fixture(scope="module")
def relay(headquarters):
    return client(headquarters, "store-7")


@pytest.fixture(scope="module")
def other_relay(headquarters):
    return client(headquarters, "store-8")


@pytest.fixture(scope="module")
def key_of_store_9(headquarters):
    return headquarters.add_store("store-9", PORTAL)


@pytest.fixture(autouse=True)
def _calm(wechat):
    wechat.order("calm")


def begin(relay, *ways, reference="phone-1"):
    return relay.begin(
        reference=reference, return_url=BACK, language="en", ways=ways, now=clock.now()
    )


def token_in(address):
    assert address.startswith(f"{BACK}?")
    return parse_qs(urlsplit(address).query)["wechat"][0]


def link_in(reply):
    return html.unescape(re.search(r'href="([^"]+)"', reply)[1])


def tap_phone(wechat, offer, name):
    form = {"login": offer.login_id, "appid": MINI_PROGRAM, "as": name}
    page = post(f"{wechat.url}/client/mini-program", data=form)
    return re.search("id=result>([a-z_]+)", page.text)[1]


def refusal_of(call):
    with pytest.raises(LoginOverError) as caught:
        call()
    return caught.value.refusal


def test_the_mini_program_hands_over_a_phone_number_that_wechat_has_verified(relay, wechat):
    wechat.order("person/meixiang", phone="13912345678")
    offer = begin(relay, Way.MINI_PROGRAM)
    opened = get(
        f"{wechat.url}/client/scan",
        params={"url": offer.mini_program_scheme},
        follow_redirects=True,
    )
    assert f"id=match>{offer.match_code}<" in opened.text
    assert relay.look(offer.login_id, clock.now()) is Stage.WAITING

    assert tap_phone(wechat, offer, "meixiang") == "proved"

    assert relay.look(offer.login_id, clock.now()) is Stage.PROVED
    identity = relay.redeem_login(offer.login_id, "phone-1", clock.now())
    ids = wechat.ids(MINI_PROGRAM, "meixiang")
    assert (identity.level, identity.way) == (Level.PHONE, Way.MINI_PROGRAM)
    assert identity.phone.e164() == "+8613912345678"
    assert (identity.app_id, identity.openid) == (MINI_PROGRAM, ids["openid"])
    assert identity.unionid == ids["unionid"]
    assert relay.look(offer.login_id, clock.now()) is Stage.REDEEMED


def test_a_link_opens_the_mini_program_where_a_scheme_does_not(relay, wechat):
    offer = begin(relay, Way.MINI_PROGRAM)
    opened = get(offer.mini_program_link, follow_redirects=True)

    assert f"id=match>{offer.match_code}<" in opened.text


def test_the_accounts_reply_leads_a_new_follower_to_the_portal_once(relay, wechat):
    offer = begin(relay, Way.FOLLOW)

    # However slow WeChat is: the answer is due within five seconds.
    wechat.order("fault", path="/cgi-bin/user/info", slow_s=30)
    answered = wechat.follow(offer.follow_qr, "bob")
    wechat.order("calm")
    assert answered["tries"] == 1
    reply = answered["reply"]
    assert relay.look(offer.login_id, clock.now()) is Stage.FOLLOWED
    token = token_in(link_in(reply))
    identity = relay.redeem_token(token, "another-phone", clock.now())

    ids = wechat.ids(OFFICIAL, "bob")
    assert (identity.level, identity.phone) == (Level.OPENID, None)
    assert (identity.app_id, identity.openid) == (OFFICIAL, ids["openid"])
    assert identity.unionid == ids["unionid"]
    # The answer may have been lost: the same device may ask again, no other.
    assert relay.redeem_token(token, "another-phone", clock.now()).openid == identity.openid
    assert refusal_of(lambda: relay.redeem_token(token, "x", clock.now())) is Refusal.USED


def test_a_follower_of_old_gets_a_link_as_well(relay, wechat):
    wechat.follow(begin(relay, Way.FOLLOW).follow_qr, "carol")
    offer = begin(relay, Way.FOLLOW)

    reply = wechat.follow(offer.follow_qr, "carol")["reply"]
    assert relay.redeem_token(token_in(link_in(reply)), "p", clock.now()).level is Level.OPENID


def test_the_address_is_confirmed_as_wechats_console_asks(wechat):
    assert wechat.order(f"confirm/{OFFICIAL}") == {"confirmed": True}


def test_inside_wechat_a_redirect_is_enough(relay, wechat):
    offer = begin(relay, Way.OAUTH)
    callback = wechat.authorise(offer.oauth_url, "dave")
    answer = get(callback)

    assert answer.status_code == 302
    identity = relay.redeem_token(token_in(answer.headers["location"]), "phone-1", clock.now())
    assert identity.openid == wechat.ids(OFFICIAL, "dave")["openid"]
    assert identity.level is Level.OPENID
    # Who comes back with the same state a second time is told that it is over.
    assert get(callback).status_code == 410


def test_a_redirect_is_good_for_the_browser_that_began_alone(relay, wechat):
    offer = begin(relay, Way.OAUTH, reference="mallory")
    answer = get(wechat.authorise(offer.oauth_url, "victim"))
    token = token_in(answer.headers["location"])

    assert refusal_of(lambda: relay.redeem_token(token, "v", clock.now())) is Refusal.OTHER_DEVICE


def test_a_snapshot_of_wechats_is_nobody_until_the_full_service_is_used(relay, wechat):
    offer = begin(relay, Way.OAUTH)
    wechat.order("person/erin", is_snapshot=True)
    page = get(wechat.authorise(offer.oauth_url, "erin"))
    assert page.status_code == 403
    assert "Use full service" in page.text
    assert f'href="{BACK}"' in page.text

    wechat.order("person/erin", is_snapshot=False)
    answer = get(wechat.authorise(offer.oauth_url, "erin"))

    assert answer.status_code == 302


def test_a_laptop_logs_in_by_wechats_own_code(relay, wechat):
    offer = begin(relay, Way.WEBSITE)
    page = get(offer.website_url.partition("#")[0])
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    form = {name: html.unescape(value) for name, value in fields.items()} | {"as": "frank"}
    allowed = post(f"{wechat.url}/connect/qrconnect/allow", data=form)
    answer = get(allowed.headers["location"])

    identity = relay.redeem_token(token_in(answer.headers["location"]), "phone-1", clock.now())
    assert identity.app_id == WEBSITE
    assert identity.unionid == wechat.ids(WEBSITE, "frank")["unionid"]


def test_who_refuses_on_wechats_page_is_shown_the_way_back(relay, headquarters):
    offer = begin(relay, Way.WEBSITE)
    url = f"{headquarters.url}/wechat/website?state={offer.login_id}"
    page = get(url)

    assert page.status_code == 403
    assert f'href="{BACK}"' in page.text


def test_a_store_cannot_redeem_what_is_anothers(relay, other_relay, wechat):
    offer = begin(relay, Way.MINI_PROGRAM)
    tap_phone(wechat, offer, "alice")

    now = clock.now()
    assert refusal_of(lambda: other_relay.look(offer.login_id, now)) is Refusal.UNKNOWN
    redeem = other_relay.redeem_login
    assert refusal_of(lambda: redeem(offer.login_id, "phone-1", now)) is Refusal.UNKNOWN


def test_a_store_hears_of_a_withdrawal_once_it_knows_the_user(relay, other_relay, wechat):
    offer = begin(relay, Way.FOLLOW)
    token = token_in(link_in(wechat.follow(offer.follow_qr, "grace")["reply"]))
    openid = relay.redeem_token(token, "p", clock.now()).openid

    wechat.order(f"unfollow/{OFFICIAL}/grace")
    wechat.order(f"unfollow/{OFFICIAL}/nobody-knows")

    [gone] = relay.withdrawals([], clock.now())
    assert (gone.app_id, gone.openid) == (OFFICIAL, openid)
    assert other_relay.withdrawals([gone.number], clock.now()) == []
    assert [each.number for each in relay.withdrawals([], clock.now())] == [gone.number]
    assert relay.withdrawals([gone.number], clock.now()) == []


def test_workers_fetch_a_token_once_for_all_of_them(relay, wechat):
    # Whatever token there is, WeChat no longer takes it.
    wechat.order(f"foreign-token/{OFFICIAL}", noticed=True)
    before = wechat.calls()["calls"].get("/cgi-bin/stable_token", 0)

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        offers = list(pool.map(lambda _: begin(relay, Way.FOLLOW), range(24)))

    assert all(offer.follow_qr for offer in offers)
    assert wechat.calls()["at_once"]["/cgi-bin/stable_token"] == 1
    assert wechat.calls()["calls"]["/cgi-bin/stable_token"] - before <= 2


def test_an_event_sent_to_both_workers_at_once_works_once_and_is_answered_alike(relay, wechat):
    offer = begin(relay, Way.FOLLOW)
    event = {"Event": "subscribe", "EventKey": f"qrscene_wifi_{offer.login_id}", "MsgId": "77"}

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        send = f"event/{OFFICIAL}/heidi"
        replies = list(pool.map(lambda _: wechat.order(send, **event)["reply"], range(6)))

    assert len(set(replies)) == 1
    assert token_in(link_in(replies[0]))


def test_a_way_that_wechat_closes_for_now_leaves_the_others_open(relay, wechat):
    wechat.order("fault", path="/cgi-bin/qrcode/create", errcode=45009)
    offer = begin(relay, Way.FOLLOW, Way.MINI_PROGRAM, Way.OAUTH)

    assert offer.follow_qr is None
    assert offer.unavailable == {Way.FOLLOW: Unavailable.BUSY}
    assert offer.mini_program_scheme.startswith("weixin://dl/business/?appid=wx")
    assert offer.oauth_url


def test_a_fault_that_somebody_has_to_mend_is_logged_with_the_mend(relay, wechat, headquarters):
    wechat.order("fault", path="/cgi-bin/qrcode/create", errcode=48001)
    offer = begin(relay, Way.FOLLOW, Way.OAUTH)

    assert offer.unavailable == {Way.FOLLOW: Unavailable.FAULTY}
    assert "must be verified" in headquarters.log()


def test_a_store_is_told_to_come_back_when_nothing_it_asked_for_is_open(relay, wechat):
    wechat.order("fault", path="/cgi-bin/qrcode/create", status=502)

    with pytest.raises(TemporaryRelayError):
        begin(relay, Way.FOLLOW)


@pytest.mark.parametrize(
    ("store", "passes", "grade", "words"),
    [
        ("store-9", 3, Grade.GOOD, "knows this store"),
        ("store-9", 0, Grade.NOTE, "passes.per_day"),
        ("store-10", 3, Grade.WRONG, "doorman hq add-store"),
    ],
)
def test_doctor_says_whether_the_relay_knows_the_store(  # noqa: PLR0917 - passed by name
    headquarters, key_of_store_9, tmp_path, store, passes, grade, words
):
    found = store_settings(
        headquarters.url,
        key_of_store_9,
        data_dir=tmp_path,
        store=StoreSettings(id=store),
        passes=PassSettings(per_day=passes),
    )
    finding = ways_check.wechat(found)

    assert finding.grade is grade
    assert words in finding.text + finding.mend


def test_no_line_of_the_log_holds_what_is_personal_or_secret(headquarters, relay, wechat):
    wechat.order("person/ivan", phone="13711112222")
    offer = begin(relay, *Way)
    tap_phone(wechat, offer, "ivan")
    wechat.follow(offer.follow_qr, "ivan")
    wechat.order("fault", path="/sns/oauth2/access_token", body="<html>")
    callback = wechat.authorise(offer.oauth_url, "ivan")
    page = get(callback)
    assert page.status_code == 503

    log = headquarters.log()
    code = parse_qs(urlsplit(callback).query)["code"][0]
    ids = wechat.ids(OFFICIAL, "ivan")
    for private in ("13711112222", SECRET, code, ids["openid"], ids["unionid"], offer.login_id):
        assert private not in log
    assert '"event": "WeChat gives no result"' in log
    assert dt.datetime.now(dt.UTC).strftime("%Y") in log
