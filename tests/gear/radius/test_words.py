import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.shape import Counters
from gate.whereabouts import Whereabouts
from gear.radius import words
from gear.radius.words import Kind, WordsError

KEYS = ("User-Name", "Calling-Station-Id", "Cisco-AVPair")


def said(**values):
    """As `rlm_rest` writes it."""
    named = {name.replace("_", "-"): value for name, value in values.items()}
    return {
        name: {"type": "string", "value": value if isinstance(value, list) else [value]}
        for name, value in named.items()
    }


QUESTION = {
    "Tmp_String_0": "ac1",
    "User_Name": "020000000A0B",
    "Calling_Station_Id": "02-00-00-00-0a-0b",
}
REPORT = QUESTION | {"Acct_Status_Type": "Interim-Update", "Acct_Session_Id": "s1"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("02:00:00:00:0a:0b", id="colons"),
        pytest.param("02-00-00-00-0A-0B", id="RFC 3580"),
        pytest.param("020000000a0b", id="bare"),
        pytest.param("0200.0000.0A0B", id="Cisco"),
        pytest.param("0200-0000-0a0b", id="Huawei, H3C"),
    ],
)
def test_reads_each_form_in_which_gateways_write_an_address(text):
    assert words.read_mac(text) == "02:00:00:00:0a:0b"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("02-00:00-00-0a-0b", id="mixed"),
        pytest.param("0200.0000-0a0b", id="mixed groups"),
        pytest.param("02-00-00-00-0a-0b:guests", id="network's name after it"),
        pytest.param(" 020000000a0b", id="space"),
        pytest.param("020000000a0b\n", id="line end"),
        pytest.param("02000000０a0b", id="full-width digit"),
        pytest.param("ff:ff:ff:ff:ff:ff", id="everybody"),
        pytest.param("01:00:5e:00:00:01", id="a group"),
        pytest.param("00:00:00:00:00:00", id="nobody"),
        pytest.param("alice", id="a name"),
    ],
)
def test_reads_nothing_else_as_an_address(text):
    assert words.read_mac(text) is None


PLACE = dict.fromkeys(
    (
        "Framed_IP_Address",
        "Framed_IPv6_Address",
        "Framed_IPv6_Prefix",
        "Framed_Interface_Id",
        "Called_Station_Id",
    ),
    "",
)
POINT = "f0:9f:c2:00:00:01"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("F0-9F-C2-00-00-01:guests", POINT, id="RFC 3580"),
        pytest.param("F0-9F-C2-00-00-01", POINT, id="without the network's name"),
        pytest.param("f0:9f:c2:00:00:01:a:b", POINT, id="colons in either"),
        pytest.param("f09fc2000001:安福路店", POINT, id="bare"),
        pytest.param("f09f.c200.0001", POINT, id="Cisco"),
        pytest.param("", "", id="nothing"),
        pytest.param("AP-3:guests", "", id="a name"),
        pytest.param("guests:F0-9F-C2-00-00-01", "", id="behind the name"),
        pytest.param("f09fc20000010203", "", id="more than an address"),
        pytest.param("F0-9F-C2-00-00-01 guests", "", id="another mark"),
        pytest.param("FF-FF-FF-FF-FF-FF:guests", "", id="everybody"),
        pytest.param("+86 21 5555 0100", "", id="a telephone's number"),
    ],
)
def test_reads_the_access_point_before_the_networks_name(text, read):
    assert words.read_access_point(text) == read


@pytest.mark.parametrize(
    ("told", "addresses"),
    [
        pytest.param({"Framed_IP_Address": "10.0.0.4"}, ["10.0.0.4"], id="IPv4"),
        pytest.param(
            {"Framed_IPv6_Address": ["2001:db8::7", "fd00::7"]},
            ["2001:db8::7", "fd00::7"],
            id="RFC 6911",
        ),
        pytest.param({"Framed_IPv6_Prefix": "2001:db8::7/128"}, ["2001:db8::7"], id="whole"),
        pytest.param(
            {"Framed_IPv6_Prefix": "2001:db8::/64", "Framed_Interface_Id": "0:ff:fe00:a0b"},
            ["2001:db8::ff:fe00:a0b"],
            id="RFC 3162",
        ),
        pytest.param({"Framed_IPv6_Prefix": "2001:db8::/64"}, [], id="a prefix is no address"),
        pytest.param({"Framed_Interface_Id": "0:ff:fe00:a0b"}, [], id="nor is the other part"),
        pytest.param(
            {"Framed_IPv6_Prefix": "2001:db8::/56", "Framed_Interface_Id": "0:0:0:1"},
            [],
            id="a prefix that leaves something open",
        ),
        pytest.param(
            {"Framed_IPv6_Prefix": "2001:db8::/64", "Framed_Interface_Id": "::1"},
            [],
            id="a part in another form",
        ),
        pytest.param(
            {"Framed_IPv6_Address": ["fe80::1", "there", "2001:db8::7%x"]}, [], id="nonsense"
        ),
    ],
)
def test_reads_each_address_that_a_gateway_tells(told, addresses):
    phone = words.report(said(**REPORT, Called_Station_Id=f"{POINT}:x", **told), KEYS).phone

    assert phone.whereabouts == Whereabouts(tuple(addresses), POINT)


def test_a_question_says_which_phone_asks_at_which_gateway():
    pairs = ["audit-session-id=0A", "service-type=Call Check"]
    phone = words.question(said(**QUESTION, Framed_IP_Address="10.0.0.4", Cisco_AVPair=pairs), KEYS)

    assert (phone.nas, phone.mac, phone.address) == ("ac1", "02:00:00:00:0a:0b", "10.0.0.4")
    assert phone.keys["Calling-Station-Id"] == ("02-00-00-00-0a-0b",)
    assert phone.keys["Cisco-AVPair"] == tuple(pairs)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"User_Name": "02-00-00-00-0a-0c"}, id="another phone's name"),
        pytest.param({"User_Name": "staff"}, id="a user"),
        pytest.param({"Calling_Station_Id": []}, id="no address"),
        pytest.param({"EAP_Message": "0x02"}, id="802.1X"),
    ],
)
def test_what_is_not_a_phones_own_question_is_refused(change):
    with pytest.raises(WordsError) as caught:
        words.question(said(**QUESTION | change), KEYS)

    assert "0a" not in str(caught.value).lower()


def test_octets_have_more_than_32_bits():
    numbers = {
        "Acct_Input_Octets": [7],
        "Acct_Input_Gigawords": ["2"],
        "Acct_Output_Octets": 4294967295,
    }
    report = words.report(said(**REPORT, **numbers), KEYS)

    assert report.counters == Counters(2 * 2**32 + 7, 2**32 - 1)


@pytest.mark.parametrize(
    ("label", "read"),
    [
        ("0x646f6f726d616e2d6f6e6c696e652d3137", "doorman-online-17"),
        ("0x7374616666", ""),
        ("0x64f", ""),
        ("not hex", ""),
    ],
)
def test_only_a_class_of_ours_is_read(label, read):
    assert words.report(said(**REPORT, Class=label), KEYS).label == read


def test_a_report_without_a_session_is_refused():
    with pytest.raises(WordsError):
        words.report(said(**REPORT | {"Acct_Session_Id": ""}), KEYS)


def test_a_gateway_without_a_clock_is_taken_so():
    assert words.said_at(said(Tmp_Integer_0=[1700000000])) == 1700000000
    assert words.said_at(said()) == 0


def test_other_reports_than_these_are_refused():
    with pytest.raises(WordsError):
        words.report_kind(said(Acct_Status_Type="Tunnel-Start"))
    assert words.report_kind(said(Acct_Status_Type="Accounting-On")) is Kind.ON


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_refused(body):
    with pytest.raises(WordsError):
        words.read_object(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(sorted(said(**REPORT, Class="", Tmp_Integer_0="", **PLACE))),
        json_values,
    )
)
def test_whatever_is_said_is_read_or_refused(found):
    found = json.loads(json.dumps(found))
    for read in (words.question, words.report):
        try:
            read(found, KEYS)
        except WordsError:
            continue


def test_more_than_any_phone_can_use_is_refused():
    with pytest.raises(WordsError, match="Gigawords"):
        words.report(said(**REPORT, Acct_Input_Gigawords="4294967295"), KEYS)
