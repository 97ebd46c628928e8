import pytest

from sniffer import fingerprint
from tests.sniffer.octets import CAPABILITIES, ELEMENTS, RATES, element

VENDOR = element(221, b"\x00\x17\xf2\x0a\x00\x01\x04")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(element(0, b"HomeNet"), element(0), id="name of a network"),
        pytest.param(element(84, b"\0\3abc"), element(84, b"\0\4wxyz"), id="list of names"),
        pytest.param(element(114, b"mesh"), element(114, b"other"), id="name of a mesh"),
        pytest.param(element(255, b"\x3aabcd"), element(255, b"\x3awxyz"), id="short names"),
        pytest.param(element(3, b"\1"), element(3, b"\x0b"), id="channel"),
        pytest.param(
            element(221, b"\x00\x50\xf2\x04 Alice's phone"),
            element(221, b"\x00\x50\xf2\x04 Bob's"),
            id="Wi-Fi Protected Setup",
        ),
    ],
)
def test_is_the_same_whatever_two_frames_of_one_phone_differ_in(one, other):
    assert fingerprint.of(one + RATES) == fingerprint.of(other + RATES)
    assert fingerprint.of(RATES + one) == fingerprint.of(RATES + other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(RATES + CAPABILITIES, CAPABILITIES + RATES, id="order"),
        pytest.param(RATES, RATES + CAPABILITIES, id="one element more"),
        pytest.param(RATES + element(3, b"\1"), RATES, id="whether it names its channel"),
        pytest.param(RATES, element(1, b"\x02\x04\x0b\x0c"), id="content"),
        pytest.param(VENDOR, element(221, b"\x00\x17\xf2\x0a\x00\x01\x05"), id="vendor's content"),
        pytest.param(element(255, b"\x23ab"), element(255, b"\x23ac"), id="extended content"),
    ],
)
def test_differs_where_models_differ(one, other):
    assert fingerprint.of(element(0) + one) != fingerprint.of(element(0) + other)


@pytest.mark.parametrize("name", [b"", b"HomeNet", b"x" * 32])
def test_is_recalled_whatever_network_is_named(name):
    found = fingerprint.of(ELEMENTS)

    data = b"header" + element(0, name) + ELEMENTS[2:]
    assert fingerprint.recall(data + b"FCS.", 6, len(data)) == found


def test_keeps_nothing_of_the_elements_in_memory():
    fingerprint.of(element(0, b"HomeNet") + VENDOR + element(221, b"\x00\x50\xf2\x04Alice"))

    assert all(isinstance(key, int) for key in fingerprint._remembered)
    assert all(len(value) == 16 for value in fingerprint._remembered.values())


def test_forgets_before_it_grows_too_large():
    for number in range(5000):
        fingerprint.of(element(0) + element(1, number.to_bytes(4, "big")))

    assert 0 < len(fingerprint._remembered) <= 4096


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param(b"", id="none"),
        pytest.param(b"\0", id="a tag alone"),
        pytest.param(b"\0\1", id="SSID that is not there"),
        pytest.param(ELEMENTS[:-1], id="last octet missing"),
        pytest.param(ELEMENTS + b"\x2d", id="an octet too many"),
        pytest.param(b"\0\xff" + ELEMENTS, id="SSID longer than all"),
    ],
)
def test_says_if_an_element_lies_about_its_length(elements):
    assert fingerprint.of(elements) is None
    assert len(elements) < 2 or fingerprint.recall(elements, 0, len(elements)) is None


def test_of_a_beginning_counts_whole_elements_only():
    whole = element(0) + RATES
    rest = len(CAPABILITIES)

    found = {
        fingerprint.of_beginning(whole + CAPABILITIES[:kept], rest - kept) for kept in range(rest)
    }

    assert len(found) == 1
    assert fingerprint.of(whole) not in found


def test_beginnings_of_frames_of_other_lengths_differ():
    beginning = element(0) + RATES

    assert fingerprint.of_beginning(beginning, 30) != fingerprint.of_beginning(beginning, 31)


def test_beginnings_are_the_same_whatever_network_is_named():
    home, cafe = (element(0, name) + RATES for name in (b"HomeNet", b"Cafe"))

    assert fingerprint.of_beginning(home, 30) == fingerprint.of_beginning(cafe, 30)


@pytest.mark.parametrize("elements", [element(0), element(0, b"HomeNet"), element(0) + b"\3\1\6"])
def test_knows_when_the_elements_say_nothing(elements):
    assert fingerprint.of(elements) == fingerprint.SAYS_NOTHING


HT = element(45, b"\x2d\x40\x1b\xff" + bytes(22))
EXTENDED = element(127, b"\x04\x00\x08\x04\x00\x00\x00\x40")
MICROSOFT = element(221, b"\x00\x50\xf2\x08\x00\x14\x00\x1e")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(element(3, b"\1"), b"", id="channel, missing at 5 GHz"),
        pytest.param(HT, element(45, b"\x6f\x00\x1b\xff\xff" + bytes(21)), id="HT of 5 GHz"),
        pytest.param(EXTENDED, element(127, bytes(8)), id="extended capabilities"),
        pytest.param(EXTENDED, element(127, bytes(7)), id="fewer extended capabilities"),
        pytest.param(MICROSOFT, MICROSOFT[:-1] + b"\x60", id="leftovers"),
        pytest.param(MICROSOFT, b"", id="no leftovers"),
    ],
)
def test_a_kind_is_the_same_in_all_scans_of_a_phone(one, other):
    first, second = (fingerprint.of(element(0) + RATES + each) for each in (one, other))

    assert first != second
    assert fingerprint.kind(first) == fingerprint.kind(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(HT, element(45, b"\x2d\x40\x17\xff" + bytes(22)), id="A-MPDU"),
        pytest.param(HT, b"", id="no HT"),
        pytest.param(EXTENDED, element(127, b"\x04\x00\x0a\x04\x00\x00\x00\x40"), id="extended"),
        pytest.param(VENDOR, element(221, b"\x00\x17\xf2\x0a\x00\x01\x05"), id="vendor"),
        pytest.param(HT + EXTENDED, EXTENDED + HT, id="order"),
    ],
)
def test_kinds_differ_where_models_do(one, other):
    kinds = {fingerprint.kind(fingerprint.of(RATES + each)) for each in (one, other)}

    assert len(kinds) == 2


@pytest.mark.parametrize("length", range(5))
def test_a_kind_reads_no_further_than_an_element(length):
    assert fingerprint.of(element(45, bytes(length)) + element(127, bytes(length)))


def test_the_kind_of_a_beginning_is_no_less_than_its_fingerprint():
    one, other = (fingerprint.of_beginning(RATES + each, 20) for each in (HT, EXTENDED))

    assert fingerprint.kind(one) != fingerprint.kind(other)
