"""Against what Debian's `nft` was seen to send, and the kernel to answer (`nft --debug=mnl`)."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate import nf_tables
from gate.nf_tables import Add, Delete, Element, Limit, Quota

ALICE = bytes.fromhex("02000000000a")
BOB = bytes.fromhex("02000000000b")


def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def told(*elements):
    """The kernel's message about elements, each its attributes."""
    listed = b"".join(attribute(1, element) for element in elements)
    names = attribute(1, b"doorman\0") + attribute(2, b"sent\0")
    return bytes(4) + names + attribute(3, listed)


def element(key, left_ms=None, count=None, timeout_ms=None):
    body = attribute(1, attribute(1, key))
    if count is not None:
        counter = attribute(1, count.to_bytes(8)) + attribute(2, (1).to_bytes(8))
        body += attribute(7, attribute(1, b"counter\0") + attribute(2, counter))
    if timeout_ms is not None:
        body += attribute(4, timeout_ms.to_bytes(8))
    if left_ms is not None:
        body += attribute(5, left_ms.to_bytes(8))
    return body


def messages(octets):
    """Type, flags, number and body of each."""
    found = []
    while octets:
        length, kind, flags, sequence, port = struct.unpack_from("=IHHII", octets)
        assert port == 0
        found.append((kind, flags, sequence, octets[16:length]))
        octets = octets[length:]
    return found


def test_reads_key_time_and_bytes():
    body = told(element(ALICE, 90_000, 700), element(BOB, 5, 2**40))

    assert nf_tables.read_elements(body) == [Element(ALICE, 90_000, 700), Element(BOB, 5, 2**40)]


_SHAPES = {
    "bare": {},
    "timed": {"left_ms": 8},
    "counted": {"count": 8},
    "all": {"left_ms": 8, "count": 8, "timeout_ms": 9},
}


@given(st.lists(st.sampled_from(sorted(_SHAPES)), max_size=6), st.sampled_from([4, 6, 16]))
def test_elements_of_any_shape_are_read_whatever_is_beside_them(shapes, length):
    keys = [bytes([number] * length) for number in range(len(shapes))]
    body = told(*(element(key, **_SHAPES[name]) for key, name in zip(keys, shapes, strict=True)))

    assert nf_tables.read_elements(body) == [
        Element(key, _SHAPES[name].get("left_ms", 0), _SHAPES[name].get("count", 0))
        for key, name in zip(keys, shapes, strict=True)
    ]


def test_a_message_without_elements_has_none():
    assert nf_tables.read_elements(told()) == []
    assert nf_tables.read_elements(bytes(4) + attribute(1, b"doorman\0")) == []


@given(st.integers(0, 400))
def test_what_is_cut_off_is_an_error_and_never_half_a_list(length):
    whole = told(*(element(bytes([n] * 6), 5, n) for n in range(5)))
    cut = whole[: min(length, len(whole))]
    try:
        read = nf_tables.read_elements(cut)
    except (ValueError, struct.error):
        return

    assert read in ([], nf_tables.read_elements(whole))


def test_a_batch_is_numbered_and_its_last_change_acknowledged():
    changes = [Add("online", ALICE, 60_000), Delete("online", BOB), Delete("online", ALICE)]
    found = messages(nf_tables.batch("doorman", changes, 7))

    assert [(kind, flags, number) for kind, flags, number, _ in found] == [
        (0x10, 0x1, 7),
        (10 << 8 | 12, 0x401, 8),
        (10 << 8 | 14, 0x1, 9),
        (10 << 8 | 14, 0x5, 10),
        (0x11, 0x1, 11),
    ]


def test_one_change_that_is_there_twice_is_acknowledged_once():
    change = Add("online", ALICE)
    flags = [flags for _, flags, _, _ in messages(nf_tables.batch("doorman", [change, change], 1))]

    assert flags == [0x1, 0x401, 0x405, 0x1]


NAMES = attribute(1, b"doorman\0") + attribute(2, b"quotas\0")
KEY = attribute(0x8001, attribute(1, ALICE))
OVER = attribute(0x8002, attribute(1, (9).to_bytes(8)) + attribute(2, (1).to_bytes(4)))
SLOW = attribute(
    0x8002,
    attribute(1, (125).to_bytes(8))
    + attribute(2, (1).to_bytes(8))
    + attribute(3, (4096).to_bytes(4))
    + attribute(4, (1).to_bytes(4))
    + attribute(5, (1).to_bytes(4)),
)


@pytest.mark.parametrize(
    ("change", "attributes"),
    [
        pytest.param(Delete("quotas", ALICE), KEY, id="delete"),
        pytest.param(Add("quotas", ALICE), KEY, id="add"),
        pytest.param(
            Add("quotas", ALICE, 60_000), KEY + attribute(4, (60_000).to_bytes(8)), id="time-out"
        ),
        pytest.param(
            Add("quotas", ALICE, data=b"mark"),
            KEY + attribute(0x8002, attribute(1, b"mark")),
            id="data",
        ),
        pytest.param(
            Add("quotas", ALICE, expression=Quota(9)),
            KEY + attribute(0x8007, attribute(1, b"quota\0") + OVER),
            id="quota",
        ),
        pytest.param(
            Add("quotas", ALICE, expression=Limit(125, 4096)),
            KEY + attribute(0x8007, attribute(1, b"limit\0") + SLOW),
            id="limit",
        ),
    ],
)
def test_a_change_has_the_kernels_form(change, attributes):
    _, (_, _, _, body), _ = messages(nf_tables.batch("doorman", [change], 1))

    assert body == b"\1\0\0\0" + NAMES + attribute(0x8003, attribute(0x8001, attributes))


def test_questions_have_the_kernels_form():
    [one] = messages(nf_tables.find("doorman", "quotas", ALICE, 3))
    [whole] = messages(nf_tables.dump("doorman", "quotas", 4))
    [there] = messages(nf_tables.find_set("doorman", "quotas", 5))

    asked = b"\1\0\0\0" + NAMES
    assert one == (0xA0D, 0x1, 3, asked + attribute(0x8003, attribute(0x8001, KEY)))
    assert whole == (0xA0D, 0x301, 4, asked)
    assert there == (0xA0A, 0x1, 5, asked)


@pytest.mark.parametrize("change", [Add("online", ALICE), Delete("online", ALICE)], ids=type)
def test_printing_shows_no_address(change):
    assert repr(ALICE) not in repr(change)
