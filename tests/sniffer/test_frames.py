from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import Dot11, Dot11Elt, Dot11ProbeReq, RadioTap

from sniffer import fingerprint
from sniffer.frames import LINK_80211, LINK_RADIOTAP, Frame, ProbeRequest, Rejected, decode
from tests.sniffer.octets import (
    CAPABILITIES,
    ELEMENTS,
    EVERYBODY,
    PHONE,
    dot11,
    element,
    fcs,
    probe_request,
    radiotap,
    radiotap_header,
)

HAS_FCS, BAD_FCS, BOTH = 0x10, 0x40, 0x50
LOOKS = fingerprint.of(ELEMENTS)


def test_reads_a_probe_request():
    request = decode(probe_request(sequence=4095, signal_dbm=-71), LINK_RADIOTAP)

    assert request.sender.octets == PHONE
    assert request[1:] == (-71, 2437, 4095, LOOKS, False)


def test_reads_a_bare_frame():
    request = decode(dot11(sequence=1), LINK_80211)

    assert request.sender.octets == PHONE
    assert request[1:] == (None, None, 1, LOOKS, False)


@pytest.mark.parametrize(
    ("data", "link_type", "reason"),
    [
        pytest.param(radiotap() + dot11(control=0x0080), LINK_RADIOTAP, "other_type", id="beacon"),
        pytest.param(dot11(control=0x0050), LINK_80211, "other_type", id="probe response"),
        pytest.param(b"\xd4\0\0\0" + PHONE, LINK_80211, "other_type", id="acknowledgement"),
        pytest.param(dot11(control=0x0041), LINK_80211, "other_type", id="another version"),
        pytest.param(b"", LINK_80211, "truncated", id="nothing"),
        pytest.param(radiotap(), LINK_RADIOTAP, "truncated", id="nothing after radiotap"),
        pytest.param(dot11(b"")[:23], LINK_80211, "truncated", id="half a header"),
        pytest.param(b"", LINK_RADIOTAP, "bad_header", id="no radiotap"),
        pytest.param(b"\1" + probe_request()[1:], LINK_RADIOTAP, "bad_header", id="radiotap 1"),
        pytest.param(
            radiotap(flags=BOTH) + fcs(dot11()), LINK_RADIOTAP, "bad_fcs", id="damaged on the air"
        ),
        pytest.param(
            radiotap_header([1 << 14], b"\2\0") + dot11(), LINK_RADIOTAP, "bad_plcp", id="bad PLCP"
        ),
        pytest.param(
            radiotap_header([1 << 26], b"\0"), LINK_RADIOTAP, "no_data", id="signal without a frame"
        ),
        pytest.param(dot11(sender=EVERYBODY), LINK_80211, "bad_address", id="from everybody"),
        pytest.param(dot11(sender=bytes(6)), LINK_80211, "bad_address", id="from nobody"),
        pytest.param(dot11(sender=b"\1" + PHONE[1:]), LINK_80211, "bad_address", id="from a group"),
        pytest.param(dot11(ELEMENTS[:-1]), LINK_80211, "bad_element", id="element too long"),
        pytest.param(dot11(b""), LINK_80211, "bad_element", id="no element"),
        pytest.param(dot11(ELEMENTS + b"\0"), LINK_80211, "bad_element", id="an octet too many"),
        pytest.param(
            radiotap(flags=HAS_FCS) + fcs(dot11(b"\0\x09HomeNet")),
            LINK_RADIOTAP,
            "bad_element",
            id="element that reaches into the FCS",
        ),
        pytest.param(
            radiotap(flags=HAS_FCS) + dot11(b"\0"), LINK_RADIOTAP, "bad_element", id="half an FCS"
        ),
        pytest.param(probe_request(), 1, "unsupported_link", id="Ethernet"),
    ],
)
def test_says_why_a_frame_is_rejected(data, link_type, reason):
    assert decode(data, link_type) is Rejected(reason)


@pytest.mark.parametrize(
    ("flags", "frame"),
    [
        pytest.param(HAS_FCS, fcs(dot11()), id="announced"),
        pytest.param(HAS_FCS, dot11() + b"\xa5\x5a\x12\x34", id="announced and never checked"),
        pytest.param(0, fcs(dot11()), id="not announced"),
        pytest.param(HAS_FCS, dot11(), id="announced and taken away"),
        pytest.param(0, dot11(), id="none"),
    ],
)
@pytest.mark.parametrize("seen_before", [True, False])
def test_the_check_sequence_is_no_part_of_the_fingerprint(flags, frame, seen_before):
    if seen_before:
        fingerprint.of(ELEMENTS)
    else:
        fingerprint._remembered.clear()

    assert decode(radiotap(flags=flags) + frame, LINK_RADIOTAP).fingerprint == LOOKS


def test_the_order_bit_brings_four_octets_before_the_elements():
    request = decode(dot11(b"\x01\x02\x03\x04" + ELEMENTS, control=0x8040), LINK_80211)

    assert request.fingerprint == LOOKS


@pytest.mark.parametrize(
    ("told", "frequency_mhz"), [(2412, 2412), (2484, 2484), (5180, 5180), (5955, 5955), (0, None)]
)
def test_tells_the_frequency_for_channels_have_the_same_numbers_in_each_band(told, frequency_mhz):
    data = radiotap(frequency_mhz=told) + dot11()

    assert decode(data, LINK_RADIOTAP).frequency_mhz == frequency_mhz


@pytest.mark.parametrize("control", [0x0040, 0x8040])
def test_data_padding_is_none_behind_a_header_of_whole_words(control):
    body = (b"\x01\x02\x03\x04" if control & 0x8000 else b"") + ELEMENTS
    data = radiotap(flags=0x20) + dot11(body, control=control)

    assert decode(data, LINK_RADIOTAP).fingerprint == LOOKS


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(element(255, b"\x23" + bytes(40)), id="HE capabilities"),
        pytest.param(element(255, b"\x6c" + bytes(20)), id="EHT capabilities"),
        pytest.param(element(255, b"\x6b\x01\x00" + bytes(9)), id="multi-link"),
        pytest.param(element(255, b"\x6b" + bytes(254)) + element(242, b"rest"), id="in fragments"),
        pytest.param(element(191, bytes(12)), id="VHT capabilities"),
        pytest.param(element(255), id="extension of nothing"),
    ],
)
def test_elements_of_newer_phones_count(more):
    request = decode(dot11(ELEMENTS + more), LINK_80211)

    assert request.fingerprint not in {LOOKS, fingerprint.digest(PHONE)}


def test_frames_that_say_nothing_are_told_apart_by_their_senders():
    one, other = (dot11(element(0), sender=bytes((2, 0, 0, 0, 0, last))) for last in (1, 2))

    assert decode(one, LINK_80211).fingerprint != decode(other, LINK_80211).fingerprint
    assert decode(one, LINK_80211).fingerprint == decode(one, LINK_80211).fingerprint


@pytest.mark.parametrize("name", [b"HomeNet", b"Cafe"])
def test_keeps_no_trace_of_the_network_a_phone_asks_for(name):
    anonymous = decode(probe_request(), LINK_RADIOTAP)

    assert decode(probe_request(element(0, name) + ELEMENTS[2:]), LINK_RADIOTAP) == anonymous


def test_every_reason_is_explained_in_the_docs():
    page = (Path(__file__).parents[2] / "docs/captures.md").read_text("utf-8")

    assert [reason for reason in Rejected if f"| `{reason}` |" not in page] == []


def test_shows_nothing_when_printed():
    request = decode(probe_request(), LINK_RADIOTAP)

    assert repr(request) == "ProbeRequest(hidden)"
    assert f"{Frame(0, LINK_RADIOTAP, probe_request())}" == "Frame(hidden)"


@given(
    st.binary(max_size=128), st.sampled_from([LINK_80211, LINK_RADIOTAP, 1]), st.integers(0, 500)
)
def test_gives_a_request_or_a_reason_for_any_octets(octets, link_type, missing):
    for data in (octets, radiotap() + octets, dot11(octets), radiotap() + dot11(octets)):
        assert isinstance(decode(data, link_type, missing=missing), ProbeRequest | Rejected)


@pytest.mark.parametrize("flags", [0, HAS_FCS])
def test_a_frame_cut_anywhere_gives_the_same_sender_or_a_reason(flags):
    whole = radiotap(flags=flags) + fcs(dot11(sequence=7))

    for end in range(len(whole)):
        for missing in (0, len(whole) - end):
            found = decode(whole[:end], LINK_RADIOTAP, missing=missing)
            if isinstance(found, ProbeRequest):
                assert (found.sender.octets, found.sequence) == (PHONE, 7)


def test_a_cut_frame_is_known_by_the_elements_that_are_whole():
    whole = radiotap(flags=HAS_FCS) + fcs(dot11())
    rest = len(CAPABILITIES)
    ends = range(len(whole) - 4 - rest, len(whole) - 4)

    found = {decode(whole[:end], LINK_RADIOTAP, missing=len(whole) - end) for end in ends}

    assert {request.fingerprint for request in found} == {
        fingerprint.of_beginning(ELEMENTS[:-rest], rest)
    }
    assert all(request.is_cut for request in found)


@pytest.mark.parametrize("lost", range(5))
def test_a_frame_that_lost_only_of_its_check_sequence_is_whole(lost):
    whole = radiotap(flags=HAS_FCS) + fcs(dot11())

    request = decode(whole[: len(whole) - lost], LINK_RADIOTAP, missing=lost)

    assert (request.fingerprint, request.is_cut) == (LOOKS, False)


def tags(numbers, **sizes):
    return st.tuples(st.sampled_from(numbers), st.binary(**sizes))


# Some elements scapy takes apart further, and gives up on those that are too short.
plain = [number for number in range(1, 255) if number not in Dot11Elt.registered_ies]
elements = st.lists(
    st.one_of(
        tags(plain, max_size=60),
        tags([0], max_size=32),
        tags([1, 50], min_size=1, max_size=8),
        tags([3], min_size=1, max_size=1),
        tags([45], min_size=26, max_size=26),
        st.binary(min_size=1, max_size=40).map(lambda octets: (221, b"\x00\x17\xf2" + octets)),
        st.binary(min_size=21, max_size=40).map(lambda octets: (255, b"\x23" + octets)),
        st.just((221, b"\x00\x50\xf2\x04\x10\x4a\x00\x01\x10")),
        st.just((255, b"\x3aname")),
    ),
    min_size=1,
    max_size=12,
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "mac_timestamp": st.integers(0, 2**64 - 1),
        "Flags": st.sampled_from([0, HAS_FCS]),
        "Rate": st.integers(1, 127),
        "ChannelFrequency": st.sampled_from([2412, 2437, 2484, 5180, 5745]),
        "dBm_AntSignal": st.integers(-128, 0),
        "Antenna": st.integers(0, 3),
    },
)
senders = st.binary(min_size=6, max_size=6).filter(
    lambda octets: octets[0] & 1 == 0 and any(octets)
)


@given(headers, senders, st.integers(0, 4095), elements)
def test_reads_what_scapy_reads(values, sender, sequence, body):
    names = {"mac_timestamp": "TSFT", "ChannelFrequency": "Channel"}
    frame = Dot11(
        type=0, subtype=4, addr1="ff:ff:ff:ff:ff:ff", addr2=sender.hex(":"), SC=sequence << 4
    )
    octets = bytes(frame / Dot11ProbeReq()) + b"".join(element(*tag) for tag in body)
    present = "+".join(names.get(name, name) for name in values)
    has_fcs = values.get("Flags", 0) & HAS_FCS
    data = bytes(RadioTap(present=present, **values)) + (fcs(octets) if has_fcs else octets)

    request, packet = decode(data, LINK_RADIOTAP), RadioTap(data)

    assert request.sender.text() == packet.addr2
    assert request.signal_dbm == packet.dBm_AntSignal
    assert request.frequency_mhz == (packet.ChannelFrequency or None)
    assert request.sequence == packet.SC >> 4
    # The last eight octets are of all elements.
    assert request.fingerprint[-8:] == (looks_by_scapy(packet) or fingerprint.digest(sender))


def looks_by_scapy(packet):
    shown = []
    found = packet.getlayer(Dot11Elt)
    while found:
        content = found.original[2 : 2 + found.len]
        if found.ID in {0, 3, 84, 114}:
            content = b""
        elif found.ID == 221 and content.startswith(b"\x00\x50\xf2\x04"):
            content = content[:4]
        elif found.ID == 255 and content.startswith(b"\x3a"):
            content = content[:1]
        shown.append((found.ID, content))
        found = found.payload.getlayer(Dot11Elt)
    if {tag for tag, _ in shown} <= {0, 3, 84, 114}:
        return fingerprint.SAYS_NOTHING
    return fingerprint.digest(b"".join(element(*each) for each in shown))
