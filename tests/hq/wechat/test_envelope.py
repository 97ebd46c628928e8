import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature as wechatpy_check

from hq.wechat.envelope import Envelope, EnvelopeError, check_signature, signature
from tests.fakes.wechat import callbacks

APP_ID = "wx1111111111111111"
LETTERS = string.ascii_letters + string.digits
KEYS = st.text(LETTERS, min_size=43, max_size=43)
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
FORMER = KEY[::-1]


def test_signs_as_wechats_own_example():
    assert signature("AAAAA", "1714037059", "486452656") == (
        "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    )


@given(st.text(LETTERS, min_size=3, max_size=32), st.integers(0, 2**33), st.text(LETTERS))
def test_signs_as_wechatpy_expects(token, timestamp, nonce):
    wechatpy_check(token, signature(token, str(timestamp), nonce), str(timestamp), nonce)


@pytest.mark.parametrize("given", ["", "899cf89e", "é", "0" * 40])
def test_turns_away_a_signature_that_does_not_fit(given):
    with pytest.raises(EnvelopeError):
        check_signature(given, "AAAAA", "1714037059", "486452656")


@given(KEYS, st.text(max_size=300))
def test_opens_what_wechatpy_has_sealed(key, text):
    body = WeChatCrypto("AAAAA", key, APP_ID).encrypt_message(text, "n", "1")
    sealed = callbacks.fields_of(body)["Encrypt"]

    assert Envelope(APP_ID, (key,)).open(sealed).decode() == text


@given(KEYS, st.text(max_size=300))
def test_seals_what_wechatpy_opens(key, text):
    sealed = Envelope(APP_ID, (key,)).seal(text.encode())
    given = signature("AAAAA", "1", "n", sealed)
    body = callbacks.document({"ToUserName": "gh", "Encrypt": sealed})
    crypto = WeChatCrypto("AAAAA", key, APP_ID)

    assert crypto.decrypt_message(body, given, "1", "n") == text


def test_what_was_under_way_when_the_key_changed_still_opens():
    assert Envelope(APP_ID, (KEY, FORMER)).open(Envelope(APP_ID, (FORMER,)).seal(b"x")) == b"x"


def test_seals_with_the_current_key():
    sealed = Envelope(APP_ID, (KEY, FORMER)).seal(b"x")

    assert Envelope(APP_ID, (KEY,)).open(sealed) == b"x"


def test_a_message_for_another_account_stays_closed():
    with pytest.raises(EnvelopeError):
        Envelope(APP_ID, (KEY,)).open(Envelope("wx2222222222222222", (KEY,)).seal(b"x"))


@given(st.one_of(st.text(), st.binary().map(lambda octets: base64.b64encode(octets).decode())))
def test_garbage_stays_closed_and_breaks_nothing(garbage):
    with pytest.raises(EnvelopeError):
        Envelope(APP_ID, (KEY, FORMER)).open(garbage)


@given(st.data())
def test_no_altered_message_opens_as_another(data):
    sealed = bytearray(base64.b64decode(Envelope(APP_ID, (KEY,)).seal(b"a message of some length")))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    envelope = Envelope(APP_ID, (KEY,))

    # The signature, checked before, is what covers every bit; this must only never break.
    try:
        opened = envelope.open(base64.b64encode(sealed).decode())
    except EnvelopeError:
        return
    assert isinstance(opened, bytes)


@pytest.mark.parametrize("key", ["", "short", "!" * 43, KEY + "x"])
def test_refuses_a_key_that_is_none(key):
    with pytest.raises(ValueError, match="43 characters"):
        Envelope(APP_ID, (key,))


def test_hides_itself_when_printed():
    assert KEY not in repr(Envelope(APP_ID, (KEY,)))
