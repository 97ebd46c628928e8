"""How the portal takes what a relay may answer. The real relay: tests/hq/test_flows.py."""

import http.server
import json
import threading

import pytest

from core import link_token, webhook_signature
from core.headquarters_line import Line
from core.setting_groups.headquarters import HeadquartersSettings
from core.setting_groups.wechat import WechatSettings
from core.settings import Settings
from core.wechat_relay import Level, Stage, Unavailable, Way
from portal.wechat.relay import HttpRelay, open_relay
from portal.wechat.shape import (
    LoginOverError,
    PermanentRelayError,
    TemporaryRelayError,
    WechatIdentity,
    WechatRelay,
)

KEY = b"k" * 32
OFFER = {
    "login": "ab" * 16,
    "match_code": "0427",
    "expires_at": "2026-05-16T06:40:00+00:00",
    "ways": {
        "mini_program": {"scheme": "weixin://dl/business/?appid=wx1"},
        "follow": {"qr": "http://weixin.qq.com/q/x"},
        "oauth": {"url": "https://open.weixin.qq.com/connect/oauth2/authorize#wechat_redirect"},
    },
    "unavailable": {"website": "not_set"},
}
IDENTITY = {
    "way": "mini_program",
    "level": "phone",
    "app_id": "wx1",
    "openid": "o-alice",
    "unionid": None,
    "phone": "+8613800138000",
}


class Answering(http.server.ThreadingHTTPServer):
    status, answer = 200, b"{}"

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []

    def give(self, answer, status=200):
        self.status = status
        self.answer = answer if isinstance(answer, bytes) else json.dumps(answer).encode()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers, body))
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Answering() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def relay(server):
    made: WechatRelay = HttpRelay(Line(f"http://127.0.0.1:{server.server_port}/", KEY, "store-7"))
    return made


def begin(relay, now):
    return relay.begin(
        reference="phone-1",
        return_url="http://wifi.store.test/back",
        language="zh",
        ways=[Way.OAUTH],
        now=now,
    )


def test_a_question_is_signed_with_the_stores_key(relay, server, now):
    server.give(OFFER)
    begin(relay, now)

    [(path, headers, body)] = server.asked
    assert path == "/v1/wechat/begin"
    assert headers["doorman-store"] == "store-7"
    assert webhook_signature.check(KEY, headers, body, now)
    assert json.loads(body)["to"] == path


def test_an_offer_is_read(relay, server, now):
    server.give(OFFER)
    offer = begin(relay, now)

    assert offer.match_code == "0427"
    assert offer.mini_program_scheme.startswith("weixin://")
    assert offer.mini_program_link is None
    assert offer.website_url is None
    assert offer.unavailable == {Way.WEBSITE: Unavailable.NOT_SET}


@pytest.mark.parametrize(
    "change",
    [
        {"ways": {"oauth": {"url": "javascript:alert(1)"}}},
        {"ways": {"mini_program": {"scheme": "intent://x"}}},
        {"ways": {"follow": {"qr": 5}}},
        {"ways": []},
        {"login": "<script>"},
        {"match_code": None},
        {"expires_at": "soon"},
        {"unavailable": {"telegram": "busy"}},
    ],
    ids=str,
)
def test_an_offer_that_is_none_is_not_shown(relay, server, now, change):
    server.give({**OFFER, **change})

    with pytest.raises(TemporaryRelayError):
        begin(relay, now)


def test_an_identity_is_read_and_hides_itself(relay, server, now):
    server.give(IDENTITY)
    identity = relay.redeem_login("ab" * 16, "phone-1", now)

    assert (identity.level, identity.phone.e164()) == (Level.PHONE, "+8613800138000")
    assert repr(identity) == "WechatIdentity(hidden)"
    assert isinstance(identity, WechatIdentity)


@pytest.mark.parametrize("change", [{"phone": None}, {"level": "openid"}, {"way": "x"}], ids=str)
def test_an_identity_that_contradicts_itself_is_none(relay, server, now, change):
    server.give({**IDENTITY, **change})

    with pytest.raises(TemporaryRelayError) as caught:
        relay.redeem_login("ab" * 16, "phone-1", now)
    assert "138" not in str(caught.value)


def test_a_stage_is_read(relay, server, now):
    server.give({"stage": "proved"})

    assert relay.look("ab" * 16, now) is Stage.PROVED


@pytest.mark.parametrize("refusal", ["unknown", "expired", "used", "other_device"])
def test_a_login_that_is_over_is_told_as_such(relay, server, now, refusal):
    server.give({"error": refusal}, 410)

    with pytest.raises(LoginOverError) as caught:
        relay.look("ab" * 16, now)
    assert caught.value.refusal == refusal


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (401, {"error": "signature"}, PermanentRelayError),
        (409, {"error": "replay"}, PermanentRelayError),
        (422, {"error": "malformed"}, PermanentRelayError),
        (422, {"error": "foreign_address"}, PermanentRelayError),
        (404, b"<html>", PermanentRelayError),
        (302, b"", TemporaryRelayError),
        (429, {}, TemporaryRelayError),
        (500, {"error": "failed"}, TemporaryRelayError),
        (502, b"<html>", TemporaryRelayError),
        (503, {"error": "busy"}, TemporaryRelayError),
        (200, b"<html>", TemporaryRelayError),
        (200, b"[]", TemporaryRelayError),
        (200, b"x" * 200_000, TemporaryRelayError),
    ],
)
def test_what_goes_wrong_is_temporary_or_permanent(relay, server, now, status, answer, kind):  # noqa: PLR0917 - fixtures are passed by name
    server.give(answer, status)

    with pytest.raises(kind):
        relay.look("ab" * 16, now)


@pytest.mark.parametrize(
    ("refusal", "setting"), [("signature", "headquarters.key"), ("foreign_address", "portal.url")]
)
def test_a_mend_names_the_setting(relay, server, now, refusal, setting):
    server.give({"error": refusal}, 401)

    with pytest.raises(PermanentRelayError, match=setting):
        begin(relay, now)


def test_a_relay_that_is_away_is_temporary(now):
    with pytest.raises(TemporaryRelayError):
        HttpRelay(Line("http://127.0.0.1:9", KEY, "store-7")).look("ab" * 16, now)


@pytest.mark.parametrize("token", ["", "x" * 48, "é" * 48])
def test_a_made_up_token_is_not_even_asked_about(relay, server, now, token):
    with pytest.raises(LoginOverError):
        relay.redeem_token(token, "phone-1", now)
    assert server.asked == []


def test_a_token_that_is_signed_is_asked_about(relay, server, now):
    server.give(IDENTITY)
    token = link_token.make(KEY, now.replace(hour=23))

    assert relay.redeem_token(token, "phone-1", now).openid == "o-alice"


def test_withdrawals_are_read(relay, server, now):
    row = {"number": 3, "app_id": "wx1", "openid": "o", "withdrawn_at": "2026-05-16T06:40:00Z"}
    server.give({"withdrawals": [row]})

    [gone] = relay.withdrawals([1, 2], now)
    assert (gone.number, gone.openid) == (3, "o")
    assert json.loads(server.asked[0][2])["done"] == [1, 2]
    assert repr(gone) == "WechatWithdrawal(hidden)"


@pytest.mark.parametrize(
    ("url", "ways", "has_one"),
    [("https://hq.test", [Way.FOLLOW], True), ("https://hq.test", [], False), ("", Way, False)],
    ids=["both", "no ways", "no headquarters"],
)
def test_login_by_wechat_wants_headquarters_and_ways(url, ways, has_one):
    key = webhook_signature.write_key(KEY) if url else ""
    found = Settings(
        headquarters=HeadquartersSettings(url=url, key=key), wechat=WechatSettings(ways=tuple(ways))
    )
    assert (open_relay(found) is not None) is has_one
