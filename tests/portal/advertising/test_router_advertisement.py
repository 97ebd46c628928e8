import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet6 import (
    ICMPv6ND_RA,
    ICMPv6ND_RS,
    ICMPv6NDOptCaptivePortal,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
)

from portal.advertising.router_advertisement import Fields, is_solicitation, read, write

URI = "https://wifi.store.test/captive-portal/api"
FIELDS = Fields(bytes(16), 64, 0x40, 1800, 0, 0, is_ours=False)


def advertised(*options, **fields):
    return bytes(build(IPv6(src="fe80::1", dst="ff02::1", hlim=255), *options, **fields))


def build(below, *options, **fields):
    packet = below / ICMPv6ND_RA(**fields)
    for each in options:
        packet = packet / each
    return packet


def test_reads_what_dnsmasq_would_say():
    packet = advertised(
        ICMPv6NDOptPrefixInfo(prefix="fd50::"),
        chlim=64,
        M=0,
        O=1,
        prf=1,
        routerlifetime=1800,
        reachabletime=5,
        retranstimer=6,
    )

    assert read(packet) == Fields(packet[8:24], 64, 0b01001000, 1800, 5, 6, is_ours=False)


some_fields = st.builds(
    Fields,
    source=st.just(bytes(16)),
    hop_limit=st.integers(0, 255),
    flags=st.integers(0, 255),
    lifetime_s=st.integers(1, 0xFFFF),
    reachable_ms=st.integers(0, 0xFFFFFFFF),
    retransmit_ms=st.integers(0, 0xFFFFFFFF),
    is_ours=st.just(value=False),
)


@given(some_fields, st.text("abc/.-", max_size=247))
def test_scapy_reads_what_we_write(fields, path):
    uri = f"https://{path}"
    message = write(fields, uri, 0)
    packet = ICMPv6ND_RA(message)
    option = packet[ICMPv6NDOptCaptivePortal]

    assert (packet.type, packet.code, message[5]) == (134, 0, fields.flags)
    assert (packet.chlim, packet.routerlifetime) == (fields.hop_limit, fields.lifetime_s)
    assert packet.reachabletime == fields.reachable_ms
    assert packet.retranstimer == fields.retransmit_ms
    assert option.URI.rstrip(b"\0") == uri.encode()
    assert option.len * 8 == len(message) - 16
    assert len(message) - 16 - 2 - len(uri) < 8
    assert set(message[18 + len(uri) :]) <= {0}


@given(st.integers(1, 0xFFFF), st.text("abc", max_size=200))
def test_knows_its_own_again(lifetime_s, path):
    message = write(Fields(bytes(16), 64, 0, lifetime_s, 0, 0, is_ours=False), f"https://{path}", 0)
    packet = bytes(IPv6(src="fe80::1", dst="ff02::1", hlim=255, nh=58) / message)

    assert read(packet) == Fields(packet[8:24], 64, 0, lifetime_s, 0, 0, is_ours=True)


@pytest.mark.parametrize(
    ("age_s", "left_s"), [(0, 1800), (0.5, 1799), (600, 1200), (1799, 1)], ids=str
)
def test_never_lengthens_the_routers_lifetime(age_s, left_s):
    assert ICMPv6ND_RA(write(FIELDS, URI, age_s)).routerlifetime == left_s


@pytest.mark.parametrize(
    ("lifetime_s", "age_s"), [(0, 0), (1800, 1800), (1800, 1e9)], ids=["no-router", "over", "long"]
)
def test_says_nothing_of_a_router_that_is_none(lifetime_s, age_s):
    fields = Fields(bytes(16), 64, 0, lifetime_s, 0, 0, is_ours=False)

    assert write(fields, URI, age_s) is None


LINK = {"src": "fe80::2", "dst": "ff02::2", "hlim": 255}


@pytest.mark.parametrize(
    ("packet", "counts"),
    [
        pytest.param(IPv6(**LINK) / ICMPv6ND_RS(), True, id="plain"),
        pytest.param(
            IPv6(**LINK) / ICMPv6ND_RS() / ICMPv6NDOptSrcLLAddr(), True, id="with-its-address"
        ),
        pytest.param(IPv6(**LINK | {"hlim": 64}) / ICMPv6ND_RS(), False, id="from-afar"),
        pytest.param(IPv6(**LINK) / ICMPv6ND_RS(code=1), False, id="code"),
        pytest.param(IPv6(**LINK) / ICMPv6ND_RA(), False, id="advertisement"),
        pytest.param(IPv6(**LINK, nh=58) / b"\x85\0\0\0", False, id="cut-off"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_knows_a_solicitation(packet, counts):
    assert is_solicitation(bytes(packet)) is counts


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(advertised()[:-1], id="cut-off"),
        pytest.param(
            bytes(IPv6(src="fe80::1", dst="ff02::1", hlim=64) / ICMPv6ND_RA()), id="from-afar"
        ),
        pytest.param(advertised(b"\x25\0" + bytes(6)), id="option-without-length"),
        pytest.param(advertised(b"\x25\2" + bytes(6)), id="option-beyond-the-end"),
        pytest.param(bytes(IPv6(**LINK) / ICMPv6ND_RS()), id="solicitation"),
    ],
)
def test_takes_nothing_else_for_an_advertisement(packet):
    assert read(packet) is None


@given(st.binary(max_size=200))
def test_nothing_on_the_link_upsets_it(tail):
    for packet in (tail, advertised()[:56] + tail):
        read(packet)
        is_solicitation(packet)
