import json

import pytest

from core.events.contract import DATA
from crm.masking import HIDDEN, masked
from tests.crm.connectors import news_of

MEMBER = news_of.new_id()
# Of a member's own events, what says nothing about who somebody is.
_HARMLESS = {
    "absorbed": "ids of ours",
    "campaign": "of everybody",
    "clicked_at": "a time",
    "consents": "words of ours",
    "dwell_s": "a time",
    "email_bound_at": "a time",
    "email_verified_at": "a time",
    "end": "a time",
    "enrolled_at": "a time",
    "erased_at": "a time",
    "expires_at": "a time",
    "given_at": "a time",
    "issued_at": "a time",
    "language": "one of ours",
    "member": "an id of ours",
    "phone_bound_at": "a time",
    "phone_verified_at": "a time",
    "purpose": "a word of ours",
    "since": "a time",
    "source": "staff's, or a word of ours",
    "start": "a time",
    "store": "of everybody",
    "until": "a time",
    "used_at": "a time",
    "version": "a count",
    "withdrawn_at": "a time",
    "wording_version": "of everybody",
}


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        pytest.param("phone", "+8613800138000", "+86138****8000", id="phone"),
        pytest.param("phone", "+12345678", "+****5678", id="short-phone"),
        pytest.param("email", "wei@example.com", "w***@example.com", id="email"),
        pytest.param("unionid", "oUnionIdMadeUp7Q2M", "****7Q2M", id="unionid"),
        pytest.param("openids", ["wx12:oOpenId5T8K"], ["wx12:****5T8K"], id="openids"),
        pytest.param("email", None, None, id="none"),
    ],
)
def test_what_says_who_somebody_is_is_hidden(field, value, shown):
    event = news_of.enrolled(MEMBER, **{field: value})

    hidden = masked(event)
    assert hidden.data == {**event.data, "phone": "+86138****8000", field: shown}
    assert (hidden.id, hidden.type, hidden.subject) == (event.id, event.type, event.subject)


def test_a_coupons_code_is_hidden_and_a_guides_is_not():
    assert masked(news_of.coupon_issued(MEMBER, code="TEA-7K2M-91QX")).data["code"] == "****91QX"
    assert masked(news_of.coupon_issued(MEMBER, code="TEA-1")).data["code"] == "****"
    assert '"G7"' in json.dumps(masked(news_of.attribution(MEMBER)).data)


def test_every_field_of_a_members_events_is_hidden_or_harmless():
    told = {
        name
        for model in DATA.values()
        if "member" in model.model_fields
        for name in model.model_fields
    }

    assert sorted(told - HIDDEN) == sorted(_HARMLESS)
