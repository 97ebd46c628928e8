import datetime as dt
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.pushed import document as documents
from core.texts import LANGUAGES
from tests.core.pushed.versions import KEY, T0, campaign, signed, version

PUBLIC = KEY.public_key().public_bytes_raw()
IN_ALL = dict.fromkeys(LANGUAGES, "…")


def test_what_is_signed_is_the_same_however_it_was_written():
    one = version(settings={"ways": {"email": True}, "reports": {"hour": 9}})
    other = version(settings={"reports": {"hour": 9}, "ways": {"email": True}})

    assert documents.canonical(one) == documents.canonical(other)
    assert documents.canonical(documents.parse(documents.canonical(one))) == (
        documents.canonical(one)
    )


@pytest.mark.parametrize(
    ("document", "signature"),
    [
        pytest.param(b"{}", None, id="other-words"),
        pytest.param(None, bytes(64), id="no-signature"),
        pytest.param(None, b"short", id="no-length"),
    ],
)
def test_a_change_of_one_octet_is_noticed(document, signature):
    content, genuine = signed()

    assert documents.is_signed(PUBLIC, content, genuine)
    assert not documents.is_signed(PUBLIC, document or content, signature or genuine)


def test_another_key_and_another_purpose_are_no_signature():
    content, _ = signed()
    stranger = Ed25519PrivateKey.generate()

    assert not documents.is_signed(PUBLIC, content, documents.sign(stranger, content))
    # The same key over the same bytes, said for something else.
    assert not documents.is_signed(PUBLIC, content, KEY.sign(content))


@pytest.mark.parametrize(
    "settings",
    [
        {"sms": {"carriers": ["webhook"]}},
        {"sms": {"webhook": {"url": "https://evil.test"}}},
        {"database": {"url": "postgresql://evil.test"}},
        {"headquarters": {"url": "https://evil.test"}},
        {"headquarters": {"public_key": ""}},
        {"crm": {"url": "https://evil.test"}},
        {"gate": {"garden_hosts": ["evil.test"]}},
        {"passes": {"hosts": ["evil.test"]}},
        {"mail": {"host": "evil.test"}},
        {"dashboard": {"host": "0.0.0.0"}},
        {"portal": {"url": "https://evil.test"}},
        {"store": {"id": "store-8"}},
    ],
    ids=str,
)
def test_secrets_addresses_and_the_network_cannot_be_pushed(settings):
    with pytest.raises(ValueError, match="cannot be pushed"):
        version(settings=settings)


def test_a_folder_cannot_be_pushed():
    with pytest.raises(ValueError, match="settings"):
        version(settings={"data_dir": "/"})


@pytest.mark.parametrize(
    "change",
    [
        {"key": "Spring!"},
        {"heading": ""},
        {"ends_at": T0 - dt.timedelta(days=2)},
        {"starts_at": dt.datetime(2026, 5, 1)},  # noqa: DTZ001 - a time without a zone is refused
        {"audience": "group"},
        {"spot": "first", "audience": "members"},
        {"link": "http://shop.example"},
        {"link": "javascript:alert(1)"},
        {"coupon": "given"},
        {"coupon": "made", "coupon_pattern": "A-###", "coupon_text": "5%"},
        {"coupon": "made", "coupon_pattern": "A-######", "coupon_text": ""},
        {"picture": "x.webp"},
    ],
    ids=str,
)
def test_a_campaign_is_one_that_a_store_could_have_made(change):
    with pytest.raises(ValueError, match="campaigns"):
        version(campaigns=[campaign(**change)])


def test_each_campaign_has_a_key_of_its_own():
    with pytest.raises(ValueError, match="key of its own"):
        version(campaigns=[campaign("a"), campaign("a")])


@pytest.mark.parametrize(
    "wording",
    [
        {"consent.marketing": {"zh": "…"}},
        {"consent.next": IN_ALL},
        {"consent.marketing": {**IN_ALL, "en": "{store}"}},
        {"consent.marketing_detail": {**IN_ALL, "en": "{store.__class__}"}},
        {"consent.marketing_detail": {**IN_ALL, "en": "{store!r}"}},
        {"consent.marketing_detail": {**IN_ALL, "en": "{"}},
        {"consent.marketing_detail": {**IN_ALL, "en": "{contact}"}},
        {"notice.what_text": {**IN_ALL, "xx": "…"}},
    ],
    ids=["one language", "a button", "no such", "attribute", "form", "broken", "not there", "more"],
)
def test_wording_is_beside_the_boxes_in_all_languages_and_can_be_filled(wording):
    with pytest.raises(ValueError, match="wording"):
        version(wording=wording)


def test_wording_that_can_be_filled_is_taken():
    texts = {**IN_ALL, "en": "{store} may write to whoever is {age}."}

    assert version(wording={"consent.marketing_detail": texts}).wording


def test_what_a_file_names_beside_these_is_said():
    with pytest.raises(ValueError, match="there is no plans"):
        version(plans={})


def test_a_version_of_a_later_form_is_not_guessed_at():
    said = json.loads(signed()[0])

    with pytest.raises(ValueError, match="menu"):
        documents.parse(json.dumps({**said, "menu": {}}).encode())
