import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import PrismHeader

from sniffer import older_headers
from sniffer.frames import LINK_PPI, Rejected, decode
from sniffer.radiotap import BAD_FCS, BAD_PLCP, HAS_FCS
from tests.sniffer.octets import avs, dot11, fcs, ppi, prism

HEADERS = [
    pytest.param(older_headers.parse_prism, prism(), id="Prism"),
    pytest.param(older_headers.parse_avs, avs(), id="AVS"),
    pytest.param(older_headers.parse_ppi, ppi(), id="PPI"),
]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "names",
    [
        pytest.param({}, id="as most drivers call them"),
        pytest.param({"kinds": 0x1041, "step": 1 << 12}, id="as wlan-ng calls them"),
    ],
)
def test_reads_prism(order, names):
    header = prism(order, channel=11, signal=-48, **names)

    assert older_headers.parse_prism(header + dot11()) == (144, 0, -48, 2462)


def test_reads_the_prism_header_that_scapy_makes():
    header = PrismHeader(channel_did=0x00030044, channel=6, signal_did=0x00060044, signal=40)

    # 40 of what, the header does not say.
    assert older_headers.parse_prism(bytes(header) + dot11()) == (144, 0, None, 2437)


def test_reads_avs_also_where_prism_is_announced():
    for parse in (older_headers.parse_avs, older_headers.parse_prism):
        assert parse(avs(channel=36) + dot11()) == (64, 0, -60, 5180)


@pytest.mark.parametrize(
    ("channel", "frequency_mhz"), [(1, 2412), (13, 2472), (14, 2484), (165, 5825), (0, None)]
)
def test_tells_the_frequency_by_the_channel(channel, frequency_mhz):
    assert older_headers.parse_avs(avs(channel=channel))[3] == frequency_mhz


def test_a_signal_in_a_makers_own_units_is_not_taken():
    assert older_headers.parse_avs(avs(unit=1, signal=-60))[2] is None
    assert older_headers.parse_prism(prism(signal=70))[2] is None
    assert older_headers.parse_ppi(ppi(signal_dbm=0))[2] is None


@pytest.mark.parametrize(
    ("told", "flags"),
    [(0, 0), (1, HAS_FCS), (5, HAS_FCS | BAD_FCS), (8, BAD_PLCP)],
)
def test_reads_ppi(told, flags):
    header = ppi(flags=told, frequency_mhz=5180, signal_dbm=-71, before=b"\5\0\2\0ab")

    assert older_headers.parse_ppi(header + dot11()) == (len(header), flags, -71, 5180)


def test_leaves_out_the_check_sequence_that_ppi_announces():
    bare, with_fcs = ppi() + dot11(), ppi(flags=1) + fcs(dot11())

    assert decode(bare, LINK_PPI) == decode(with_fcs, LINK_PPI)


def test_ppi_before_another_sort_of_frame_is_rejected():
    assert decode(ppi(link_type=1) + bytes(60), LINK_PPI) is Rejected.BAD_HEADER


@pytest.mark.parametrize(("parse", "header"), HEADERS)
def test_a_header_that_breaks_off_is_none(parse, header):
    assert all(parse(header[:end]) is None for end in range(len(header)))


@pytest.mark.parametrize(("parse", "header"), HEADERS)
@given(octets=st.binary(max_size=200))
def test_raises_nothing(parse, header, octets):
    for begun in (b"", header[:8], header):
        parse(begun + octets)
