"""Messages recorded of a kernel 6.1 with simulated radios, made ones, and what no kernel sends."""

import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import netlink
from core.netlink import BadMessageError, attribute, nest
from sniffer.radio import nl80211
from sniffer.radio.channels import Channel
from sniffer.radio.nl80211 import Interface, Mode, Radio

# In monitor mode on channel 6; and one that has joined a network.
LISTENING = bytes.fromhex(
    "0701000008000300030000000a000400776c616e3100000008000100010000000800050006000000"
    "0c00990001000000010000000a000600020000000100000008002e00110000000500530000000000"
    "08002600850900000800220100000000080027000000000008009f00000000000800a00085090000"
    "08006200d0070000"
)
JOINED = bytes.fromhex(
    "0701000008000300020000000a000400776c616e3000000008000100000000000800050001000000"
    "0c00990001000000000000000a000600020000000000000008002e00110000000500530000000000"
    "08006200d007000008003400486f6d65"
)
# Of some 150 parts: modes; channels 1, 12 (not to send on first), 52 (the same, and radar), one
# of 902 MHz that is disabled; and one about something else.
PARTS = [
    bytes.fromhex(part)
    for part in (
        (
            "03010000080001000100000009000200706879310000000008002e00040000002c00200004000100"
            "0400020004000300040004000400060004000700040008000400090004000a0004000b00"
        ),
        (
            "03010000080001000100000009000200706879310000000008002e00040000003800160034000000"
            "300001002c000000080001006c09000008001400000000000400090004000b0004000c0004001a00"
            "08000600d0070000"
        ),
        (
            "03010000080001000100000009000200706879310000000008002e00040000003c00160038000000"
            "3400010030000b0008000100a30900000800140000000000040003000400040004000a0004000c00"
            "04001a0008000600d0070000"
        ),
        (
            "03010000080001000100000009000200706879310000000008002e0004000000500016004c000100"
            "4800010044000400080001008c140000080014000000000004000300040004000400050008000700"
            "00000000080008003c0b000008000d0060ea000004001a0008000600d0070000"
        ),
        (
            "03010000080001000100000009000200706879310000000008002e00040000003400160030000400"
            "2c00010028001f0008000100960300000800140000000000040002000400090004000a0008000600"
            "00000000"
        ),
        "03010000080001000100000009000200706879310000000008002e000400000008006f008813000004006c00",
    )
]
GENERIC = bytes([7, 1, 0, 0])


pytestmark = pytest.mark.skipif(sys.byteorder != "little", reason="recorded on little-endian")


def u32(kind, value):
    return attribute(kind, struct.pack("=I", value))


def interface(*more, mode=Mode.MONITOR):
    told = [u32(3, 5), attribute(4, b"wlan3\0"), u32(1, 3), u32(5, mode)]
    return GENERIC + b"".join((*told, *more))


def frequency(number, mhz, *flags):
    return nest(number, u32(1, mhz) + b"".join(attribute(flag, b"") for flag in flags))


def part(*more):
    """Of the answer about a radio."""
    return GENERIC + u32(1, 3) + attribute(2, b"phy3\0") + b"".join(more)


def bands(number, *frequencies):
    return nest(22, nest(number, nest(1, b"".join(frequencies))))


@pytest.mark.parametrize(
    ("written", "octets"),
    [
        pytest.param(
            nl80211.ask_for_family(1),
            "20000000 1000 0100 01000000 00000000 03000000 0c00 0200 6e6c383032313100",
            id="the number of the family",
        ),
        pytest.param(
            nl80211.ask_for_interface(28, 2, 5),
            "1c000000 1c00 0100 02000000 00000000 05000000 0800 0300 05000000",
            id="one interface",
        ),
        pytest.param(
            nl80211.ask_for_interfaces(28, 3),
            "14000000 1c00 0103 03000000 00000000 05000000",
            id="all interfaces",
        ),
        pytest.param(
            nl80211.ask_for_radio(28, 4, 3),
            "20000000 1c00 0103 04000000 00000000 01000000 0800 0100 03000000 0400 ae00",
            id="a radio, in parts",
        ),
        pytest.param(
            nl80211.set_mode(28, 5, 5, Mode.MONITOR),
            "24000000 1c00 0500 05000000 00000000 06000000 0800 0300 05000000 0800 0500 06000000",
            id="monitor mode",
        ),
        pytest.param(
            nl80211.set_channel(28, 6, 5, Channel(2437)),
            "24000000 1c00 0500 06000000 00000000 02000000 0800 0300 05000000 0800 2600 85090000",
            id="channel 6",
        ),
    ],
)
def test_questions_are_written_as_the_kernel_reads_them(written, octets):
    assert written == bytes.fromhex(octets)


def test_the_family_is_told_by_its_number():
    assert nl80211.read_family(GENERIC + attribute(1, struct.pack("=H", 28))) == 28


def test_what_a_kernel_told_is_read():
    assert nl80211.read_interface(LISTENING) == Interface(
        3, "wlan1", 1, Mode.MONITOR, is_connected=False
    )
    assert nl80211.read_interface(JOINED) == Interface(2, "wlan0", 0, 1, is_connected=True)
    assert nl80211.read_radio(PARTS) == Radio(
        1, tuple(map(Channel, (2412, 2467, 5260))), can_monitor=True
    )


def test_an_interface_is_read():
    assert nl80211.read_interface(interface(u32(38, 2437))) == Interface(
        5, "wlan3", 3, Mode.MONITOR, is_connected=False
    )


def test_an_interface_with_the_name_of_a_network_serves_it():
    found = nl80211.read_interface(interface(attribute(52, b"Home"), mode=Mode.STATION))

    assert found.is_connected
    assert "Home" not in repr(found)


def test_what_is_no_interface_of_the_system_is_passed_over():
    wi_fi_direct = GENERIC + u32(1, 3) + u32(5, 10) + attribute(153, bytes(8))

    assert nl80211.read_interface(wi_fi_direct) is None


def test_a_radio_is_read_from_all_parts_of_the_answer():
    told = [
        part(nest(32, attribute(Mode.STATION, b"") + attribute(Mode.MONITOR, b""))),
        part(bands(0, frequency(0, 2412), frequency(1, 2467, 3), frequency(2, 2484, 2))),
        part(bands(1, frequency(0, 5180), frequency(1, 5260, 3, 5))),
        part(bands(1, frequency(2, 5745, 2), frequency(3, 5825))),
        part(bands(3, frequency(0, 5955, 3))),
        part(attribute(75, b"something newer")),
    ]

    # Flag 2 forbids it; 3 forbids sending first and 5 wants radar looked for: both may listen.
    assert nl80211.read_radio(told) == Radio(
        3, tuple(map(Channel, (2412, 2467, 5180, 5260, 5825, 5955))), can_monitor=True
    )


@pytest.mark.parametrize(
    ("read", "body"),
    [
        pytest.param(nl80211.read_family, b"", id="nothing"),
        pytest.param(nl80211.read_family, GENERIC, id="no number"),
        pytest.param(nl80211.read_family, GENERIC + attribute(1, b"\1"), id="a short number"),
        pytest.param(nl80211.read_interface, interface()[:-1], id="cut off"),
        pytest.param(
            nl80211.read_interface, GENERIC + u32(3, 5) + attribute(4, b"wlan3"), id="no mode"
        ),
        pytest.param(lambda body: nl80211.read_radio([body]), GENERIC, id="a radio of no number"),
        pytest.param(lambda _: nl80211.read_radio([]), b"", id="no radio"),
        pytest.param(
            lambda body: nl80211.read_radio([body]),
            part(bands(0, nest(0, b""))),
            id="no frequency",
        ),
        pytest.param(
            lambda body: nl80211.read_radio([body]),
            part(nest(22, b"\x09\0\0\0")),
            id="a lie within",
        ),
    ],
)
def test_what_lacks_something_is_refused(read, body):
    with pytest.raises(BadMessageError):
        read(body)


whole = st.sampled_from(
    [
        interface(u32(38, 2437), attribute(52, b"Home")),
        JOINED,
        *PARTS,
        part(bands(0, frequency(0, 2412), frequency(1, 2467, 3)), nest(32, attribute(6, b""))),
        GENERIC + attribute(1, struct.pack("=H", 28)),
    ]
)


@given(
    body=whole,
    at=st.integers(0, 200),
    octet=st.integers(0, 255),
    end=st.integers(0, 200),
)
def test_no_octet_out_of_place_does_harm(body, at, octet, end):
    """One changed anywhere, and the rest cut off anywhere."""
    spoilt = bytearray(body)
    spoilt[at % len(body)] = octet
    for read in (
        nl80211.read_family,
        nl80211.read_interface,
        lambda body: nl80211.read_radio([body, body]),
    ):
        try:
            read(bytes(spoilt[:end]))
        except BadMessageError:
            continue


@given(st.binary(max_size=120))
def test_no_octets_do_harm(octets):
    for read in (
        nl80211.read_family,
        nl80211.read_interface,
        lambda body: nl80211.read_radio([body]),
    ):
        try:
            read(octets)
        except netlink.BadMessageError:
            continue
