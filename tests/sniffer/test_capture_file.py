import gzip
import io
import logging
import random
import struct
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.l2 import Ether
from scapy.utils import PcapNgWriter, PcapWriter

from sniffer import capture_file
from sniffer.capture_file import CaptureFileError
from sniffer.frames import Frame
from tests.sniffer.capture_octets import (
    AT_US,
    block,
    interface,
    option,
    packet,
    pcap,
    record,
    section,
)

FIRST, SECOND = b"first frame", b"the second"
WHOLE = [
    pytest.param(pcap("<", record("<", FIRST), record("<", SECOND)), id="pcap"),
    pytest.param(
        section("<") + interface("<") + packet("<", FIRST) + packet("<", SECOND), id="pcapng"
    ),
]
ORDERS = [pytest.param("<", id="little-endian"), pytest.param(">", id="big-endian")]


def buffered(octets):
    return io.BufferedReader(io.BytesIO(octets))


@pytest.fixture
def read(tmp_path):
    def read(octets):
        file = tmp_path / "capture"
        file.write_bytes(octets)
        return list(capture_file.read(file))

    return read


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("magic", "fraction"),
    [
        pytest.param(0xA1B2C3D4, 123_456, id="microseconds"),
        pytest.param(0xA1B23C4D, 123_456_789, id="nanoseconds"),
    ],
)
def test_reads_pcap(read, order, magic, fraction):
    octets = pcap(
        order,
        record(order, FIRST, fraction=fraction),
        record(order, SECOND, fraction=fraction, on_air=400),
        magic=magic,
        link_type=0xF000_0069,
    )

    assert read(octets) == [Frame(AT_US, 105, FIRST), Frame(AT_US, 105, SECOND, 390)]


@pytest.mark.parametrize("order", ORDERS)
def test_reads_pcap_whose_records_say_more(read, order):
    octets = pcap(order, record(order, FIRST, extra=b"eth0....") * 2, magic=0xA1B2CD34)

    assert read(octets) == [Frame(AT_US, 127, FIRST)] * 2


def test_a_frame_of_which_more_was_kept_than_there_was_misses_nothing(read):
    assert read(pcap("<", record("<", FIRST, on_air=3))) == [Frame(AT_US, 127, FIRST)]


@pytest.mark.parametrize("order", ORDERS)
def test_reads_pcapng(read, order):
    octets = (
        section(order)
        + interface(order)
        + block(order, 5, b"statistics of no interest")
        + block(order, 0xBAD, b"what somebody else thought of")
        + packet(order, FIRST)
        + packet(order, SECOND, ticks=AT_US + 5, on_air=400)
    )

    assert read(octets) == [
        Frame(AT_US, 127, FIRST),
        Frame(AT_US + 5, 127, SECOND, 390),
    ]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("unit", "ticks", "at_us"),
    [
        pytest.param(b"\x06", AT_US, AT_US, id="microseconds"),
        pytest.param(b"\x09", AT_US * 1000 + 999, AT_US, id="nanoseconds"),
        pytest.param(b"\x00", 1_778_913_000, 1_778_913_000_000_000, id="seconds"),
        pytest.param(b"\x94", 3 << 19, 1_500_000, id="2 to the power of -20"),
    ],
)
def test_counts_time_in_the_interfaces_unit(read, order, unit, ticks, at_us):
    options = option(order, 2, b"mon0") + option(order, 9, unit) + option(order, 0, b"")
    octets = section(order) + interface(order, options=options) + packet(order, FIRST, ticks=ticks)

    assert read(octets) == [Frame(at_us, 127, FIRST)]


def test_adds_the_interfaces_offset_of_time(read):
    options = option("<", 14, struct.pack("<q", -3600))
    octets = section("<") + interface("<", options=options) + packet("<", FIRST)

    assert read(octets) == [Frame(AT_US - 3_600_000_000, 127, FIRST)]


def test_each_interface_has_its_own_link_type_and_each_section_its_own_interfaces(read):
    octets = (
        section("<")
        + interface("<", 127)
        + interface("<", 105)
        + packet("<", FIRST, number=1)
        + section(">")
        + interface(">", 119)
        + packet(">", SECOND)
    )

    assert read(octets) == [Frame(AT_US, 105, FIRST), Frame(AT_US, 119, SECOND)]


def test_a_simple_packet_has_the_time_of_the_one_before_it(read):
    octets = (
        section("<")
        + interface("<", snap_length=6)
        + packet("<", FIRST)
        + block("<", 3, struct.pack("<I", len(SECOND)) + SECOND[:6])
    )

    assert read(octets) == [Frame(AT_US, 127, FIRST), Frame(AT_US, 127, SECOND[:6], 4)]


def test_reads_the_packet_block_of_old_files(read):
    fields = struct.pack("<HHIIII", 0, 0, AT_US >> 32, AT_US & 0xFFFFFFFF, len(FIRST), len(FIRST))

    assert read(section("<") + interface("<") + block("<", 2, fields + FIRST)) == [
        Frame(AT_US, 127, FIRST)
    ]


@pytest.mark.parametrize(
    "writer", [pytest.param(PcapWriter, id="pcap"), pytest.param(PcapNgWriter, id="pcapng")]
)
def test_reads_what_scapy_writes(tmp_path, writer):
    sent = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", type=0x88B5) / FIRST
    sent.time = 1_778_913_000.5
    with writer(str(tmp_path / "capture")) as file:
        file.write(sent)

    assert list(capture_file.read(tmp_path / "capture")) == [
        Frame(1_778_913_000_500_000, 1, bytes(sent))
    ]


@pytest.mark.parametrize("octets", WHOLE)
def test_reads_packed_files(read, octets):
    assert [frame.data for frame in read(gzip.compress(octets))] == [FIRST, SECOND]


def test_a_packed_file_that_breaks_off_gives_the_frames_before(read, caplog):
    records = [record("<", random.Random(number).randbytes(4000)) for number in range(100)]
    packed = gzip.compress(pcap("<", *records))

    with caplog.at_level(logging.WARNING):
        found = read(packed[: len(packed) // 2])

    assert 20 < len(found) < 60
    assert [each.values["reason"] for each in caplog.records] == [
        "is packed with gzip, and damaged"
    ]


def test_reads_standard_input(monkeypatch):
    octets = pcap("<", record("<", FIRST))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))

    assert [frame.data for frame in capture_file.read("-")] == [FIRST]


@pytest.mark.parametrize("octets", WHOLE)
def test_gives_the_frames_before_a_break_and_names_it(read, caplog, octets):
    for lost in range(1, len(record("<", SECOND))):
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert [frame.data for frame in read(octets[:-lost])] == [FIRST]
        assert [record.message for record in caplog.records] == ["capture file ends early"]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        pytest.param(
            pcap("<", record("<", FIRST), struct.pack("<IIII", 0, 0, 1 << 30, 1 << 30)),
            "has a record of impossible length",
            id="pcap record",
        ),
        pytest.param(
            section("<") + interface("<") + packet("<", FIRST) + struct.pack("<II", 6, 4),
            "has a block of impossible length",
            id="block shorter than itself",
        ),
        pytest.param(
            section("<") + interface("<") + packet("<", FIRST) + struct.pack("<II", 6, 1 << 31),
            "has a block of impossible length",
            id="endless block",
        ),
        pytest.param(
            section("<") + interface("<") + packet("<", FIRST) + packet("<", FIRST, number=1),
            "has a packet that contradicts itself",
            id="unknown interface",
        ),
        pytest.param(
            section("<") + interface("<") + packet("<", FIRST) + block("<", 6, bytes(16)),
            "has a block that is too short",
            id="half a packet's header",
        ),
        pytest.param(
            section("<") + interface("<") + packet("<", FIRST) + 5000 * interface("<"),
            "has more interfaces than any recording",
            id="interfaces without end",
        ),
        pytest.param(
            section("<") + interface("<") + packet("<", FIRST) + section("<")[:8] + bytes(20),
            "has a section of unknown byte order",
            id="damaged section",
        ),
    ],
)
def test_stops_where_the_file_makes_no_sense_any_more(read, caplog, octets, reason):
    with caplog.at_level(logging.WARNING):
        assert [frame.data for frame in read(octets)] == [FIRST]

    assert [record.values["reason"] for record in caplog.records] == [reason]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\xd4\xc3", "neither", id="half a magic number"),
        pytest.param(pcap()[:20], "breaks off", id="half a header"),
        pytest.param(section("<")[:10], "breaks off", id="half a section"),
        pytest.param(section("<")[:8] + bytes(20), "byte order", id="section of no order"),
        pytest.param(gzip.compress(pcap())[:9], "gzip, and damaged", id="half a packed header"),
        pytest.param(gzip.compress(b"no capture"), "neither", id="packed text"),
        pytest.param(b"BZh91AY&SY", "unpack it first", id="packed otherwise"),
        pytest.param(b"frame,mac\n1,2\n", "neither", id="text"),
    ],
)
def test_says_why_a_file_is_no_capture(read, octets, reason):
    with pytest.raises(CaptureFileError, match=reason):
        read(octets)


@given(
    st.sampled_from([pcap("<"), pcap(">"), section("<") + interface("<"), section(">"), b""]),
    st.lists(
        st.one_of(
            st.binary(max_size=64),
            st.integers(0, 7).map(lambda kind: struct.pack("<II", kind, 24)),
            st.just(packet("<", FIRST)),
        )
    ),
)
def test_any_octets_are_read_or_refused(beginning, rest):
    stream = buffered(beginning + b"".join(rest))
    try:
        assert all(isinstance(frame, Frame) for frame in capture_file._frames(lambda: stream, "it"))
    except CaptureFileError as error:
        assert str(error).startswith("it ")  # noqa: PT017 - it may as well not be raised


def test_says_why_a_file_cannot_be_read(tmp_path):
    with pytest.raises(CaptureFileError, match="No such file"):
        list(capture_file.read(tmp_path / "absent.pcap"))


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_a_long_file_takes_no_more_memory_than_a_short_one(tmp_path, kind):
    file = tmp_path / "capture"
    data = bytes(1000)
    with file.open("wb") as stream:
        stream.write(pcap() if kind == "pcap" else section("<") + interface("<"))
        for _ in range(4000):
            stream.write(record("<", data) if kind == "pcap" else packet("<", data))

    tracemalloc.start()
    try:
        assert sum(1 for _ in capture_file.read(file)) == 4000
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
