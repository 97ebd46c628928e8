"""Held against the reference implementation of the scheme, in both directions."""

import base64
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from core import clock, webhook_signature
from core.webhook_signature import SignatureError

KEY = bytes(range(32))
TEXT = "whsec_" + base64.b64encode(KEY).decode()
BODY = '{"to": "某人", "n": 1}'.encode()


@given(body=st.text(st.characters(exclude_categories=["Cs"])), message_id=st.from_regex(r"\A\w+\Z"))
def test_the_reference_accepts_what_we_sign(body, message_id):
    body = body.encode()
    headers = webhook_signature.headers(KEY, message_id, body, clock.now())

    Webhook(TEXT).verify(body, headers, json_parse=False)


def test_we_accept_what_the_reference_signs(now):
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(TEXT).sign("msg_1", now, BODY.decode()),
    }

    assert webhook_signature.check(KEY, headers, BODY, now) == "msg_1"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"webhook-id": "msg_2"}, id="another-id"),
        pytest.param({"webhook-timestamp": "1778913001"}, id="another-time"),
        pytest.param({"webhook-timestamp": "today"}, id="no-time"),
        pytest.param({"webhook-timestamp": "9" * 30}, id="a-time-beyond-all-calendars"),
        pytest.param({"webhook-signature": ""}, id="no-signature"),
        pytest.param({"webhook-signature": "v1,AAAA"}, id="another-signature"),
        pytest.param({"webhook-signature": "v1,é"}, id="a-signature-that-is-not-ascii"),
        pytest.param({"webhook-signature": "v1a,AAAA"}, id="another-scheme"),
    ],
)
def test_turns_away_what_was_altered(now, change):
    headers = webhook_signature.headers(KEY, "msg_1", BODY, now)

    with pytest.raises(SignatureError):
        webhook_signature.check(KEY, headers | change, BODY, now)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_turns_away_what_lacks_a_header(now, missing):
    headers = webhook_signature.headers(KEY, "msg_1", BODY, now)
    del headers[missing]

    with pytest.raises(SignatureError, match="missing"):
        webhook_signature.check(KEY, headers, BODY, now)


def test_turns_away_another_body_and_another_key(now):
    headers = webhook_signature.headers(KEY, "msg_1", BODY, now)

    for key, body in ((KEY, BODY + b" "), (bytes(32), BODY)):
        with pytest.raises(SignatureError, match="does not fit"):
            webhook_signature.check(key, headers, body, now)
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(body, webhook_signature.headers(KEY, "m", BODY, clock.now()))


@pytest.mark.parametrize(("minutes", "fresh"), [(-6, False), (-5, True), (5, True), (6, False)])
def test_a_message_is_good_for_five_minutes(now, minutes, fresh):
    headers = webhook_signature.headers(KEY, "msg_1", BODY, now + dt.timedelta(minutes=minutes))

    if fresh:
        assert webhook_signature.check(KEY, headers, BODY, now) == "msg_1"
    else:
        with pytest.raises(SignatureError, match="five minutes"):
            webhook_signature.check(KEY, headers, BODY, now)


def test_any_one_of_several_signatures_will_do_while_keys_are_changed(now):
    old = webhook_signature.headers(bytes(32), "msg_1", BODY, now)
    headers = webhook_signature.headers(KEY, "msg_1", BODY, now)
    headers["webhook-signature"] = f"{old['webhook-signature']} {headers['webhook-signature']}"

    assert webhook_signature.check(KEY, headers, BODY, now) == "msg_1"


def test_a_key_survives_being_written_and_read():
    assert webhook_signature.write_key(KEY) == TEXT
    assert webhook_signature.read_key(TEXT) == KEY


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(TEXT.removeprefix("whsec_"), id="no-prefix"),
        pytest.param("whsec_" + base64.b64encode(bytes(23)).decode(), id="too-short"),
        pytest.param("whsec_not base64!", id="no-base64"),
        pytest.param("whsec_é", id="not-ascii"),
    ],
)
def test_a_malformed_key_is_an_error_that_does_not_repeat_it(text):
    with pytest.raises(ValueError, match="a signing key is whsec_") as caught:
        webhook_signature.read_key(text)

    assert not text or text not in str(caught.value)
