import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.netlink import BadMessageError, Message, attribute
from sniffer.radio import rtnetlink
from sniffer.radio.rtnetlink import Link

NEW, DELETED, ADDRESS = 16, 17, 20
RADIOTAP, ETHERNET = 803, 1


def notice(kind=NEW, hardware=RADIOTAP, flags=1, family=0, name=b"wlan3\0"):
    header = struct.pack("=BBHiII", family, 0, hardware, 5, flags, 0)
    return Message(kind, 0, 0, header + attribute(3, name) + attribute(13, bytes(4)))


@pytest.mark.parametrize(
    ("told", "link"),
    [
        pytest.param(notice(), Link(5, "wlan3", True, True, True), id="well"),
        pytest.param(notice(flags=0x1002), Link(5, "wlan3", True, False, True), id="down"),
        pytest.param(
            notice(hardware=ETHERNET), Link(5, "wlan3", True, True, False), id="other mode"
        ),
        pytest.param(notice(DELETED), Link(5, "wlan3", False, True, True), id="gone"),
        pytest.param(notice(ADDRESS), None, id="about an address"),
        pytest.param(notice(DELETED, family=7), None, id="left a bridge"),
    ],
)
def test_a_notice_is_read(told, link):
    assert rtnetlink.read(told) == link


def test_commands_are_written_as_the_kernel_reads_them():
    header = "20000000 1000 0500 07000000 00000000"
    assert rtnetlink.set_up(7, 5, up=True) == bytes.fromhex(
        header + "00 00 0000 05000000 01000000 01000000"
    )
    assert rtnetlink.set_up(7, 5, up=False) == bytes.fromhex(
        header + "00 00 0000 05000000 00000000 01000000"
    )


@given(st.sampled_from([NEW, DELETED, ADDRESS]), st.binary(max_size=80))
def test_no_octets_do_harm(kind, body):
    try:
        rtnetlink.read(Message(kind, 0, 0, body))
    except BadMessageError:
        return


def test_a_notice_that_is_cut_off_is_refused():
    with pytest.raises(BadMessageError):
        rtnetlink.read(Message(NEW, 0, 0, bytes(15)))
