import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import RadioTap

from sniffer import radiotap
from tests.sniffer.octets import radiotap_header as header

EXTENDED, RADIOTAP_AGAIN, VENDOR = 1 << 31, 1 << 29, 1 << 30
MORE = EXTENDED | RADIOTAP_AGAIN


def bits(*numbers):
    return sum(1 << number for number in numbers)


SIGNAL = b"\xc4"  # -60 dBm
CHANNEL = bytes.fromhex("8509a000")  # 2437 MHz


@pytest.mark.parametrize(
    ("octets", "read"),
    [
        pytest.param(header([0], b""), (8, 0, None, None), id="nothing present"),
        pytest.param(header([bits(5)], SIGNAL), (9, 0, -60, None), id="signal alone"),
        pytest.param(
            header([bits(1, 3, 5)], b"\x10\0" + CHANNEL + SIGNAL),
            (15, 0x10, -60, 2437),
            id="flags leave a gap before the channel",
        ),
        pytest.param(
            header([bits(0, 1, 2, 3, 5)], bytes(8) + b"\x10\x02" + CHANNEL + SIGNAL),
            (23, 0x10, -60, 2437),
            id="time stamp first",
        ),
        pytest.param(
            header(
                [bits(0, 5) | EXTENDED | RADIOTAP_AGAIN, bits(5, 11)], bytes(12) + b"\xc4\xc0\1"
            ),
            (27, 0, -60, None),
            id="two words: time stamp aligned after them, first antenna wins",
        ),
        pytest.param(
            header([bits(1) | EXTENDED | RADIOTAP_AGAIN, bits(3, 5)], b"\x10\0" + CHANNEL + SIGNAL),
            (19, 0x10, -60, 2437),
            id="fields spread over two words",
        ),
        pytest.param(
            header([bits(5) | EXTENDED, bits(1, 3)], SIGNAL + bytes(7)),
            (20, 0, -60, None),
            id="the second word goes on to fields unknown to us",
        ),
        pytest.param(
            header(
                [VENDOR | EXTENDED, bits(0, 3, 5) | EXTENDED | RADIOTAP_AGAIN, bits(5)],
                bytes.fromhex("0017f2000300 aabbcc") + SIGNAL,
            ),
            (26, 0, -60, None),
            id="a vendor's fields are stepped over",
        ),
        pytest.param(
            header([bits(18)], struct.pack("<IHBB", 0x140, 5180, 36, 20)),
            (16, 0, None, 5180),
            id="frequency in XChannel only",
        ),
        pytest.param(
            header([bits(1, 28)], b"\x10" + bytes(11)),
            (20, 0x10, None, None),
            id="type-length-value entries follow",
        ),
        pytest.param(header([bits(5)], b"\x05"), (9, 0, 5, None), id="louder than 0 dBm"),
        pytest.param(header([bits(12)], b"\x2d"), (9, 0, None, None), id="signal in dB alone"),
        pytest.param(
            header(
                [bits(1, 3) | MORE, bits(5, 11) | MORE, bits(5, 11) | MORE, bits(5, 11)],
                b"\x10\0" + CHANNEL + b"\xa1\0" + b"\xc0\1" + b"\x9c\2",
            ),
            (32, 0x10, -64, 2437),
            id="no signal of all antennas together: the strongest one's",
        ),
        pytest.param(
            header([bits(14)], b"\x02\0"), (10, radiotap.BAD_PLCP, None, None), id="bad PLCP"
        ),
        pytest.param(
            header([bits(20)], bytes(4) + b"\x03\0\0\0"),
            (16, radiotap.NO_DATA, None, None),
            id="empty subframe",
        ),
        pytest.param(
            header([bits(20)], bytes(4) + b"\x0d\0\0\0"), (16, 0, None, None), id="subframe"
        ),
        pytest.param(
            header([bits(5, 26)], SIGNAL + b"\1"),
            (10, radiotap.NO_DATA, -60, None),
            id="a signal without a frame",
        ),
        pytest.param(
            header(
                [bits(1, 23, 24, 25, 27) | MORE, bits(5, 28)],
                b"\x10\0"
                + bytes(12 + 12 + 6 + 4)
                + SIGNAL
                + bytes(3)
                + b"\x21\0\x0c\0"
                + bytes(12),
            ),
            (68, 0x10, -60, None),
            id="HE, HE-MU and L-SIG, then U-SIG as an entry",
        ),
    ],
)
def test_reads_a_header_wherever_its_fields_lie(octets, read):
    assert radiotap.parse(octets + b"frame") == read
    assert radiotap.parse(octets + b"frame") == read, "and again, from the cache"


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="empty"),
        pytest.param(header([0], b"")[:7], id="shorter than any header"),
        pytest.param(b"\1" + header([0], b"")[1:], id="unknown version"),
        pytest.param(header([bits(5)], SIGNAL)[:-1], id="longer than the frame"),
        pytest.param(header([bits(5)], b""), id="field beyond the header"),
        pytest.param(header([EXTENDED], b""), id="present words without end"),
        pytest.param(header([VENDOR | EXTENDED, 0], b"abc"), id="vendor cut short"),
        pytest.param(struct.pack("<BBHI", 0, 0, 4, 0), id="length within itself"),
    ],
)
def test_takes_garbage_for_what_it_is(octets):
    assert radiotap.parse(octets) is None


def test_a_vendors_octets_are_measured_in_each_header():
    def of_vendor(skipped):
        words = [VENDOR | EXTENDED, RADIOTAP_AGAIN | EXTENDED, bits(5)]
        vendor = b"\x00\x17\xf2\x00" + struct.pack("<H", skipped) + bytes(skipped)
        return header(words, vendor + SIGNAL)

    assert [radiotap.parse(of_vendor(skipped))[2] for skipped in (0, 7, 2)] == [-60] * 3


@given(st.binary(max_size=64))
def test_raises_nothing(octets):
    for data in (octets, b"\0\0" + octets, struct.pack("<BBH", 0, 0, len(octets) + 4) + octets):
        radiotap.parse(data)


fields = {
    "mac_timestamp": st.integers(0, 2**64 - 1),
    "Flags": st.integers(0, 255),
    "Rate": st.integers(0, 127),
    "ChannelFrequency": st.integers(0, 65535),
    "dBm_AntSignal": st.integers(-128, 127),
    "dBm_AntNoise": st.integers(-128, 127),
    "Lock_Quality": st.integers(0, 65535),
    "Antenna": st.integers(0, 255),
    "RXFlags": st.integers(0, 65535),
}


@given(st.fixed_dictionaries({}, optional=fields))
def test_reads_what_scapy_reads(values):
    names = {"mac_timestamp": "TSFT", "ChannelFrequency": "Channel", "RXFlags": "RXFlags"}
    packet = RadioTap(present="+".join(names.get(name, name) for name in values), **values)
    octets = bytes(packet)

    again = RadioTap(octets)
    length, flags, signal_dbm, frequency_mhz = radiotap.parse(octets)
    assert length == again.len
    assert flags == int(again.Flags or 0) | int(again.RXFlags or 0) << 8
    assert signal_dbm == again.dBm_AntSignal
    assert frequency_mhz == (again.ChannelFrequency or None)
