import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from access_log.flows import conntrack, records
from access_log.flows.records import UNKNOWN_SECONDS, Event
from tests.connections import DELETE, ICMP, PHONE, SHOP, UDP, WEB, rows_of, told

NOW = 1_790_000_000_000
# As Linux 6.18 said them, with nf_conntrack_acct and nf_conntrack_timestamp on: a datagram from
# 127.0.0.1 to 127.0.0.9, and one from ::1 to itself.
BEGUN_4 = bytes.fromhex(
    "a0000000000100060000000000000000020000003400018014000180080001007f000001080002007f000009"
    "1c000280050001001100000006000200888800000600030003e800003400028014000180080001007f000009"
    "080002007f0000011c00028005000100110000000600020003e80000060003008888000008000c00367cbc2b"
    "0800030000000008080007000000001e0c001b0018ea830fbeadcdce"
)
ENDED_6 = bytes.fromhex(
    "2c0100000201000000000000643a00000a0000004c0001802c00018014000300000000000000000000000000"
    "0000000114000400000000000000000000000000000000011c00028005000100110000000600020091760000"
    "0600030003e800004c0002802c00018014000300000000000000000000000000000000011400040000000000"
    "0000000000000000000000011c00028005000100110000000600020003e80000060003009176000008000c00"
    "bc34ce290800030000000208080007000000001d1c0009800c00010000000000000000010c00020000000000"
    "000000311c000a800c00010000000000000000000c00020000000000000000001c0014800c00010018ea830f"
    "beafecf40c00020018ea830fd958898108000800000123450c001b0018ea830fd9588a17"
)


def read(*messages):
    return rows_of(*messages, now_ms=NOW)


def one(*messages):
    rows, unread = read(*messages)
    assert (len(rows), unread) == (1, 0)
    return rows[0]


def addresses(row):
    names = ("source", "public", "destination")
    return [str(records.address_of(row[name].tobytes())) for name in names]


def test_reads_what_a_kernel_has_said():
    begun, ended = one(BEGUN_4), one(ENDED_6)

    assert addresses(begun) == ["127.0.0.1", "127.0.0.1", "127.0.0.9"]
    assert (begun["source_port"], begun["destination_port"]) == (34952, 1000)
    assert (begun["event"], begun["protocol"]) == (Event.BEGUN, UDP)
    assert begun["at"] == 0x18EA830FBEADCDCE // 10**6
    assert addresses(ended) == ["::1", "::1", "::1"]
    assert (ended["event"], ended["mark"]) == (Event.ENDED, 0x12345)
    assert (ended["bytes_up"], ended["bytes_down"], ended["seconds"]) == (49, 0, 0)


def test_tells_the_phone_the_uplink_and_who_answers_apart():
    row = one(told(port=40_000, public_port=1024, to_port=443, mark=0x80000007))

    assert addresses(row) == [PHONE, SHOP, WEB]
    ports = (row["source_port"], row["public_port"], row["destination_port"])
    assert ports == (40_000, 1024, 443)
    assert row["mark"] == 0x80000007


def test_of_what_is_redirected_the_box_is_who_answers():
    row = one(told(to_port=80, public=PHONE, answers="192.168.50.1"))

    assert addresses(row)[2] == "192.168.50.1"


def test_an_echo_request_has_its_id_for_a_port_and_its_type():
    row = one(told(protocol=ICMP, port=77, public_port=78))

    assert (row["source_port"], row["public_port"]) == (77, 78)
    assert row["destination_port"] == 8 << 8


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param((5_000_000_000, 68_400_000_000), (68_400, 63), id="kernel-notes-times"),
        pytest.param(None, (NOW, UNKNOWN_SECONDS), id="kernel-notes-none"),
        pytest.param((9_000_000_000, 5_000_000_000), (5_000, 0), id="clock-set-back-meanwhile"),
    ],
)
def test_how_long_a_flow_lasted(times, expected):
    row = one(told(DELETE, counted=(700, 2**40), times=times))

    assert (row["at"], row["seconds"]) == expected
    assert (row["bytes_up"], row["bytes_down"]) == (700, 2**40)


def test_what_runs_already_has_the_time_of_its_beginning():
    assert one(told(times=(5_000_000_000,)))["at"] == 5_000


def test_many_of_many_shapes_are_each_read_as_if_alone():
    kinds = [
        told(port=1000),
        told(port=1001, mark=9),
        told(DELETE, port=1002, counted=(1, 2)),
        told(port=1003, protocol=UDP, to_port=53),
        told(port=1004, source="fd50::7", public="2001:db8::2", to="2001:db8::9"),
        told(port=1005, protocol=ICMP),
    ]
    mixed = [kinds[number % len(kinds)] for number in range(100)]
    rows, unread = read(*mixed)

    alone = np.concatenate([read(message)[0] for message in mixed])
    assert unread == 0
    assert np.array_equal(np.sort(rows, order="source_port"), np.sort(alone, order="source_port"))


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(told()[:-3], id="cut-off"),
        pytest.param(b"\xff\xff" + told()[2:], id="lies-about-its-length"),
        pytest.param(told() + bytes(conntrack.LONGEST), id="too-long"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_cannot_be_read_is_counted_and_costs_no_other(message):
    rows, unread = read(told(), message, told(port=7))

    assert (len(rows), unread) == (2, 1)


def test_what_is_no_news_of_a_connection_is_passed_over():
    assert len(read(told(0x101), told(0x200), told(3))[0]) == 0


@hypothesis.given(st.data())
def test_no_octet_can_stop_the_reading(data):
    message = bytearray(told(DELETE, mark=3, counted=(1, 2), times=(1, 2)))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))

    rows, unread = read(bytes(message), told(port=7))
    assert 7 in rows["source_port"]
    assert len(rows) + unread <= 2
