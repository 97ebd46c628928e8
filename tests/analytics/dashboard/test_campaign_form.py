import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.dashboard import campaign_form
from analytics.dashboard.campaign_form import read
from core.campaign_rules import is_safe_link
from core.models.campaign import Audience, CouponKind, Spot

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
GOOD = {
    "name": "Spring",
    "heading": "新品",
    "spot": "online",
    "audience": "everyone",
    "coupon": "none",
    "starts": "2026-05-16T10:00",
    "ends": "2026-05-30T22:00",
}


def test_a_whole_form():
    form = read(GOOD | {"stores": " store-1  store-7 ", "link": "https://shop.example/"}, SHANGHAI)

    assert form.faults == {}
    assert form.values["spot"] is Spot.ONLINE
    assert form.values["audience"] is Audience.EVERYONE
    assert form.values["coupon"] is CouponKind.NONE
    assert form.values["starts_at"].isoformat() == "2026-05-16T02:00:00+00:00"
    assert form.values["stores"] == "store-1 store-7"


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        pytest.param({"name": " "}, {"name": "missing"}, id="no name"),
        pytest.param({"heading": "x" * 61}, {"heading": "too_long"}, id="long heading"),
        pytest.param({"ends": "2026-05-16T10:00"}, {"ends": "order"}, id="ends at once"),
        pytest.param({"starts": "soon"}, {"starts": "time"}, id="no time"),
        pytest.param({"starts": "0001-01-01T00:00"}, {"starts": "time"}, id="no time we know"),
        pytest.param({"spot": "first", "audience": "loyal"}, {"audience": "audience"}, id="spot"),
        pytest.param({"audience": "group"}, {"group": "missing"}, id="no group"),
        pytest.param({"audience": "group", "group": "²"}, {"group": "missing"}, id="odd group"),
        pytest.param({"stores": "A;B"}, {"stores": "stores"}, id="no store"),
        pytest.param({"language": "xx"}, {"language": "missing"}, id="no language"),
        pytest.param({"spot": "roof"}, {"spot": "missing"}, id="no spot"),
        pytest.param({"link": "javascript:alert(1)"}, {"link": "link"}, id="script"),
        pytest.param(
            {"coupon": "made", "coupon_text": "x", "coupon_days": "3", "coupon_pattern": "A#####"},
            {"coupon_pattern": "pattern"},
            id="a code that can be guessed",
        ),
        pytest.param(
            {"coupon": "given", "coupon_text": "x", "coupon_days": "0", "coupon_codes": "AB<CD"},
            {"coupon_days": "days", "coupon_codes": "codes"},
            id="odd codes",
        ),
        pytest.param(
            {"coupon": "made", "coupon_days": "3", "coupon_pattern": "######"},
            {"coupon_text": "missing"},
            id="good for nothing",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field(typed, faults):
    assert read(GOOD | typed, SHANGHAI).faults == faults


@given(st.dictionaries(st.sampled_from([*GOOD, *campaign_form.LONGEST, "group"]), st.text()))
def test_any_form_is_read(typed):
    form = read(typed, SHANGHAI)

    assert form.faults or form.values["ends_at"] > form.values["starts_at"]


def test_codes_are_added_once():
    typed = {"coupon": "given", "coupon_text": "x", "coupon_days": "3"}
    form = read(GOOD | typed | {"coupon_codes": "CODE-1\n CODE-2\r\nCODE-1\n"}, SHANGHAI)

    assert form.codes == ("CODE-1", "CODE-2")


@pytest.mark.parametrize(
    ("link", "is_ours"),
    [
        ("https://shop.example", True),
        ("https://shop.example:8443/a?b=c&d=%20#e", True),
        ("http://shop.example/", False),
        ("//shop.example/", False),
        ("HTTPS://shop.example/", False),
        ("https:/shop.example", False),
        ("https://", False),
        ("https://localhost/", False),
        ("https://user:word@shop.example/", False),
        ("https://good.example\\@evil.example/", False),
        ("https://shop.example/\r\nSet-Cookie: a=b", False),
        ("https://shop.example /", False),
        ("https://店.example/", False),
        ("https://[::1", False),
        ("https://shop.example:99999/", False),
        ("data:text/html,x", False),
    ],
)
def test_which_links_are_taken(link, is_ours):
    assert is_safe_link(link) is is_ours
