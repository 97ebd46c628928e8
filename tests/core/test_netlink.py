import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import netlink
from core.netlink import BadMessageError, Message

kinds = st.integers(0, 0x3FFF)
values = st.binary(max_size=40)


def read_all(octets):
    """As whoever reads the kernel's answers does; None if it refuses."""
    try:
        return [
            (message.kind, list(netlink.attributes(message.body)))
            for message in netlink.messages(octets)
        ]
    except BadMessageError:
        return None


def test_a_message_is_written_as_the_kernel_wants_it():
    body = netlink.attribute(3, b"wlan0\0") + netlink.nest(4, netlink.attribute(1, b""))

    assert netlink.message(18, netlink.REQUEST, 7, body) == bytes.fromhex(
        "24000000 1200 0100 07000000 00000000"  # 36 octets, type, flags, number, port
        "0a00 0300 776c616e3000 0000"  # 10 octets, padded to 12
        "0800 0480 0400 0100"  # the upper bit: attributes within
    )


@given(st.lists(st.tuples(kinds, st.lists(st.tuples(kinds, values), max_size=4)), max_size=4))
def test_what_was_written_is_read(wanted):
    written = b"".join(
        netlink.message(kind, 0, 1, b"".join(netlink.attribute(*each) for each in told))
        for kind, told in wanted
    )

    assert read_all(written) == wanted


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(bytes(15), id="message without a header"),
        pytest.param(struct.pack("=IHHII", 15, 2, 0, 1, 0), id="shorter than its header"),
        pytest.param(struct.pack("=IHHII", 0, 2, 0, 1, 0), id="of no length"),
        pytest.param(struct.pack("=IHHII", 17, 2, 0, 1, 0), id="longer than what is there"),
        pytest.param(netlink.message(2, 0, 1, b"abc"), id="attribute without a header"),
        pytest.param(
            netlink.message(2, 0, 1, struct.pack("=HH", 3, 1)), id="attribute shorter than that"
        ),
        pytest.param(
            netlink.message(2, 0, 1, struct.pack("=HH", 9, 1) + bytes(4)),
            id="attribute longer than what is there",
        ),
    ],
)
def test_lies_about_lengths_are_refused(octets):
    assert read_all(octets) is None


@given(st.binary(max_size=200))
def test_no_octets_do_harm(octets):
    read_all(octets)


def test_a_refusal_tells_its_number_and_an_acknowledgement_none():
    assert Message(netlink.ERROR, 0, 1, struct.pack("=i", -16) + bytes(16)).error == 16
    assert Message(netlink.ERROR, 0, 1, bytes(20)).error == 0
    with pytest.raises(BadMessageError):
        _ = Message(netlink.ERROR, 0, 1, bytes(3)).error
