"""What a store may ask of headquarters, asked by somebody who has a store's key and means harm."""

import json

import pytest
import schemathesis
import ulid
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode

from core import headquarters, webhook_signature, wechat_relay
from hq.views import line, mini_program, reconcile, sms, stores
from tests.hq.parts import Relay

QUESTIONS = {
    headquarters.HEARTBEAT: line._Heartbeat,
    headquarters.PUSHED: line._Pushed,
    headquarters.ERASURES: line._Erasures,
    headquarters.ANCHOR: line._Anchor,
    headquarters.SMS: sms._Code,
    headquarters.SMS_RECEIPT: sms._Receipt,
    headquarters.RECONCILE: reconcile._Compare,
    wechat_relay.BEGIN: stores._Begin,
    wechat_relay.LOOK: stores._Look,
    wechat_relay.REDEEM: stores._Redeem,
    wechat_relay.WITHDRAWALS: stores._Withdrawals,
}
# Asked by our mini-program: by whoever likes, that is, and without a key.
BY_ANYBODY = {
    "/wechat/mini-program/greet": mini_program._Greeting,
    "/wechat/mini-program/prove": mini_program._Proof,
}
BOMBS = {
    "deep": b'{"to":' + b"[" * 30_000,
    "deep and whole": b"[" * 30_000 + b"]" * 30_000,
    "a number without end": b'{"to": ' + b"9" * 60_000 + b"}",
    "no number": b'{"to": NaN, "to": Infinity}',
    "half a letter": b'{"to": "\\ud800"}',
    "no text": b"\xff\xfe{\x00}\x00",
    "nothing": b"",
    "many keys": b"{" + b",".join(b'"%d":1' % each for each in range(5000)) + b"}",
}


def document(path, kind):
    """The question as OpenAPI describes one."""
    schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
    named = schema.pop("$defs", {})
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "headquarters", "version": "1"},
        "components": {"schemas": named},
        "paths": {path: {"post": {"requestBody": body, "responses": {"200": {"description": ""}}}}},
    }


@pytest.fixture
def relay(hq, sealer, now):
    return Relay(hq, sealer, now)


def send(relay, path, body):
    signed = webhook_signature.headers(relay.key, str(ulid.ULID()), body, relay.clock.now)
    headers = signed | {headquarters.STORE_HEADER: "store-7"}
    return relay.browser.post(path, data=body, headers=headers)


# A good heartbeat has so many fields that to make one up takes a second.
@pytest.mark.parametrize(
    ("path", "mode"),
    [(path, GenerationMode.NEGATIVE) for path in QUESTIONS]
    + [(path, GenerationMode.POSITIVE) for path in QUESTIONS if path != headquarters.HEARTBEAT],
)
def test_whatever_a_store_asks_is_answered(relay, path, mode):
    operation = schemathesis.openapi.from_dict(document(path, QUESTIONS[path]))[path]["POST"]

    @hypothesis_settings(max_examples=4, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        asked = case.body | {"to": path} if isinstance(case.body, dict) else str(case.body)
        answer = send(relay, path, json.dumps(asked).encode())
        # 503: what this headquarters has no carrier, or no news, for.
        assert answer.status_code < 500 or answer.status_code == 503
        assert answer.status_code != 401

    ask()


@pytest.mark.parametrize("sort", BOMBS)
def test_what_would_burst_is_refused(relay, sort):
    for path in [*QUESTIONS, headquarters.EVENTS]:
        assert send(relay, path, BOMBS[sort]).status_code in {400, 413, 422}, path


@pytest.mark.parametrize("sort", BOMBS)
def test_what_would_burst_is_refused_from_strangers_as_well(relay, sort):
    for rule in relay.browser.application.url_map.iter_rules():
        if "POST" in rule.methods:
            answer = relay.browser.post(
                rule.rule, data=BOMBS[sort], content_type="application/json"
            )
            assert 400 <= answer.status_code < 500, rule.rule


@pytest.mark.parametrize("mode", [GenerationMode.NEGATIVE, GenerationMode.POSITIVE])
@pytest.mark.parametrize("path", BY_ANYBODY)
def test_whatever_a_stranger_asks_is_answered_and_asks_nothing_of_wechat(relay, path, mode):
    operation = schemathesis.openapi.from_dict(document(path, BY_ANYBODY[path]))[path]["POST"]

    @hypothesis_settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        body = case.body if isinstance(case.body, dict | list | str | int | None) else None
        assert relay.browser.post(path, json=body).status_code in {410, 422}

    ask()
    assert relay.wechat.asked == 0
