import pytest

from core import wechat_relay
from core.wechat_relay import Way
from hq.models.binding import Binding
from hq.models.proof import Proof
from hq.models.receipt import Receipt
from tests.fakes.wechat import callbacks, server
from tests.fakes.wechat.state import App
from tests.hq.parts import Relay


class Platform:
    """WeChat's side of the callbacks of one account."""

    def __init__(self, relay, encoding_key=""):
        self.relay = relay
        self.app = App(
            server.OFFICIAL,
            "s",
            "official_account",
            callback_token=server.TOKEN,
            encoding_key=encoding_key,
        )

    def send(self, openid="o-alice", at=0, **fields):
        sent = callbacks.event(self.app, openid, self.relay.clock.now.timestamp() + at, **fields)
        query, body = callbacks.parcel(
            self.app, callbacks.document(sent), self.relay.clock.now.timestamp()
        )
        answer = self.relay.browser.post("/wechat/callback", query_string=query, data=body)
        assert answer.status_code == 200
        return callbacks.reply(self.app, answer.text, sent)


@pytest.fixture(params=["", server.ENCODING_KEY], ids=["plain", "safe mode"])
def platform(request, hq_database, sealer, now):
    relay = Relay(hq_database, sealer, now, encoding_key=request.param)
    return Platform(relay, request.param)


@pytest.fixture
def relay(platform):
    return platform.relay


@pytest.fixture
def scene(relay):
    return f"wifi_{relay.begin(Way.FOLLOW).json['login']}"


def rows(relay, model):
    with relay.database.reading() as session:
        return session.query(model).count()


def test_a_new_follower_gets_a_link_and_so_does_an_old_one(platform, scene):
    assert "?wechat=" in platform.send(Event="subscribe", EventKey=f"qrscene_{scene}")
    assert "?wechat=" in platform.send(Event="SCAN", EventKey=scene, at=1)


def test_each_follower_gets_a_link_of_their_own(platform, scene):
    first = platform.send("o-alice", Event="SCAN", EventKey=scene)

    assert platform.send("o-bob", Event="SCAN", EventKey=scene) != first


def test_an_event_sent_again_changes_nothing_and_gets_the_same_reply(platform, relay, scene):
    first = platform.send(Event="SCAN", EventKey=scene)

    assert platform.send(Event="SCAN", EventKey=scene) == first
    assert rows(relay, Proof) == 1


def test_a_message_is_known_again_by_its_id(platform, relay, scene):
    event = {"Event": "SCAN", "EventKey": scene, "MsgId": "1"}

    assert platform.send(at=1, **event) == platform.send(at=2, **event)
    assert rows(relay, Proof) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"Event": "subscribe", "EventKey": ""},
        {"Event": "SCAN", "EventKey": "poster_12"},
        {"Event": "CLICK", "EventKey": "x"},
        {"Event": "unsubscribe", "EventKey": ""},
        {"MsgType": "text", "Content": "hello", "MsgId": "5"},
    ],
    ids=lambda fields: fields.get("Event", "a text"),
)
def test_what_is_about_no_login_is_taken_without_a_word(platform, fields):
    assert platform.send(**fields) is None


def test_a_code_whose_time_is_over_is_answered_kindly(platform, relay, scene):
    relay.clock.pass_by(minutes=11)

    assert "二维码" in platform.send(Event="SCAN", EventKey=scene)
    assert "二维码" in platform.send(Event="SCAN", EventKey="wifi_unknown", at=1)


def test_who_unfollows_is_told_to_the_stores_that_know_them(platform, relay, scene):
    reply = platform.send(Event="SCAN", EventKey=scene)
    token = reply.split("?wechat=")[1].split('"')[0]
    assert relay.ask(wechat_relay.REDEEM, token=token, reference="p").status_code == 200

    platform.send(Event="unsubscribe", EventKey="", at=5)
    platform.send(Event="unsubscribe", EventKey="", at=5)

    [gone] = relay.ask(wechat_relay.WITHDRAWALS, done=[]).json["withdrawals"]
    assert (gone["openid"], gone["app_id"]) == ("o-alice", server.OFFICIAL)
    assert rows(relay, Binding) == 0
    done = relay.ask(wechat_relay.WITHDRAWALS, done=[gone["number"]])
    assert done.json["withdrawals"] == []


def test_the_address_is_confirmed_to_wechat_alone(platform, relay):
    query, _ = callbacks.parcel(platform.app, "", relay.clock.now.timestamp())
    query["echostr"] = "12345"
    path = "/wechat/callback"

    answer = relay.browser.get(path, query_string=query)
    assert (answer.status_code, answer.text) == (200, "12345")
    assert answer.mimetype == "text/plain"
    assert relay.browser.get(path, query_string=query | {"signature": "x"}).status_code == 403
    assert relay.browser.get(path).status_code == 403
    relay.clock.pass_by(minutes=11)
    assert relay.browser.get(path, query_string=query).status_code == 403


@pytest.mark.parametrize("body", [b"", b"hello", b"<xml/>", b"<!DOCTYPE x><xml/>", b"\xff" * 99])
def test_what_is_no_message_is_refused(platform, relay, body):
    query, _ = callbacks.parcel(platform.app, "<xml/>", relay.clock.now.timestamp())

    answer = relay.browser.post("/wechat/callback", query_string=query, data=body)
    assert answer.status_code == 400


def test_a_message_too_long_is_not_read(platform, relay):
    query, _ = callbacks.parcel(platform.app, "<xml/>", relay.clock.now.timestamp())

    answer = relay.browser.post("/wechat/callback", query_string=query, data=b"x" * 70_000)
    assert answer.status_code in {400, 413}


def test_in_safe_mode_plain_text_beside_the_sealed_is_not_believed(hq_database, sealer, now):
    relay = Relay(hq_database, sealer, now, encoding_key=server.ENCODING_KEY)
    platform = Platform(relay, server.ENCODING_KEY)
    moment = relay.clock.now.timestamp()
    plain = callbacks.document(
        callbacks.event(platform.app, "o-alice", moment, Event="unsubscribe", EventKey="")
    )
    query, sealed = callbacks.parcel(platform.app, plain, moment)

    def post(body, **changes):
        found = query | changes
        return relay.browser.post("/wechat/callback", query_string=found, data=body).status_code

    assert post(plain) == 400
    assert post(sealed, msg_signature="0" * 40) == 400
    assert rows(relay, Receipt) == 0
    assert post(sealed) == 200


def test_without_an_account_there_are_no_callbacks(hq_database, sealer, now):
    relay = Relay(hq_database, sealer, now, official_account={})

    assert relay.browser.get("/wechat/callback").status_code == 404
