import datetime as dt
import ipaddress

import pytest

from access_log.flows import files, search
from access_log.flows.blocks import Keys
from access_log.flows.bounds import Bounds
from access_log.flows.journal import Journal
from access_log.flows.phones import PASS_BIT, mark_of
from access_log.flows.records import Event
from access_log.flows.search import Query, TooManyError
from core.mac import Mac
from tests.connections import DELETE, PHONE, SHOP, UDP, WEB, rows_of, told

KEYS = Keys([bytes(32)])
MAC = Mac.parse("02:00:00:00:00:01")
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def log(tmp_path, now):
    """`log(minute, message, ...)` has messages written as of that minute, a block each time."""
    with Journal(tmp_path, KEYS, Bounds(190, 1 << 30), now) as journal:

        def write(minute, *messages, event=None):
            at = now + minute * MINUTE
            now_ms = int(at.timestamp() * 1000)
            rows, _ = rows_of(*messages, now_ms=now_ms, phone=MAC.octets)
            rows["event"] = event or rows["event"]
            journal.append(rows.tobytes(), 0, at)

        yield write


@pytest.fixture
def find(tmp_path, now):
    """`find(minute, ...)` is what ran in that minute."""

    def find(minute=0, until=None, **wanted):
        since = now + minute * MINUTE
        end = since if until is None else now + until * MINUTE
        return search.find(tmp_path, KEYS, Query(since=since, until=end, **wanted))

    return find


def ended(now, begun, over, **wanted):
    times = [int((now + each * MINUTE).timestamp() * 10**9) for each in (begun, over)]
    return told(DELETE, counted=(10, 20), times=times, **wanted)


def test_beginning_and_end_are_one_flow(log, find, now):
    log(0, told(mark=mark_of(MAC)))
    log(5, ended(now, 0, 5, mark=mark_of(MAC)))

    [flow] = find(3)
    assert (flow.began_at, flow.ended_at) == (now, now + 5 * MINUTE)
    assert [str(each) for each in (flow.source, flow.public, flow.destination)] == [
        PHONE,
        SHOP,
        WEB,
    ]
    assert (flow.mac, flow.by_pass) == (MAC, False)
    assert (flow.bytes_up, flow.bytes_down) == (10, 20)
    assert PHONE not in repr(flow)


def test_the_police_ask_for_an_address_a_port_and_a_moment(log, find, now):
    """Three phones have had the port, one after the other; noise has others."""
    for begun, phone in ((0, "192.168.50.10"), (10, "192.168.50.11"), (20, "192.168.50.12")):
        same = {"source": phone, "port": begun + 1, "public_port": 5000}
        log(begun, told(**same), told(source=phone, port=7))
        log(begun + 5, ended(now, begun, begun + 5, **same))

    asked = {"public": ipaddress.ip_address(SHOP), "public_port": 5000}
    assert [str(flow.source) for flow in find(12, **asked)] == ["192.168.50.11"]
    assert find(7, **asked) == []
    assert find(12, **asked | {"public": ipaddress.ip_address("203.0.113.9")}) == []


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param({"source": ipaddress.ip_address(PHONE)}, id="source"),
        pytest.param({"destination": ipaddress.ip_address(WEB)}, id="destination"),
        pytest.param({"destination_port": 443}, id="destination-port"),
        pytest.param({"protocol": 6}, id="protocol"),
    ],
)
def test_whatever_is_asked_for_has_to_hold(log, find, wanted):
    noise = {"source": "192.168.50.99", "to": "198.51.100.99", "to_port": 53, "protocol": UDP}
    log(0, told(), told(**noise))

    assert [str(flow.source) for flow in find(**wanted)] == [PHONE]


def test_a_phone_is_found_by_its_mark_where_nobody_knew_it(log, find, tmp_path, now):
    other = Mac.parse("02:00:00:00:00:02")
    log(0, told(port=1), told(port=2, mark=mark_of(other) | PASS_BIT))

    assert [flow.source_port for flow in find(phone=MAC)] == [1, 2]
    [flow] = find(phone=other)
    assert (flow.source_port, flow.by_pass) == (2, True)


def test_a_beginning_without_an_end_may_still_run(log, find):
    log(0, told())

    [flow] = find(60)
    assert (flow.ended_at, flow.bytes_up) == (None, None)
    assert find(-1) == []


def test_an_end_whose_beginning_was_lost_says_when_that_was(log, find, now):
    log(30, ended(now, 0, 30))

    [flow] = find(10)
    assert flow.began_at == now
    assert find(-1) == []


def test_an_end_is_not_taken_for_that_of_another_flow_with_the_same_ports(log, find, now):
    log(0, told())
    log(30, ended(now, 20, 30))

    assert [flow.began_at for flow in find(25)] == [now, now + 20 * MINUTE]


def test_what_ran_before_a_new_start_is_one_flow_all_the_same(log, find, now, tmp_path):
    log(0, told())
    log(1, told(), told(port=7), event=Event.RUNNING)
    log(5, ended(now, 0, 5))

    found = {flow.source_port: (flow.began_at, flow.ended_at) for flow in find(3)}
    assert found == {40_000: (now, now + 5 * MINUTE), 7: (now + MINUTE, None)}


def test_what_cannot_be_read_is_told_and_hides_nothing_else(log, find, tmp_path, now):
    for minute in (0, 1, 120):
        log(minute, told(port=minute + 1))
    first, second = files.listed(tmp_path)
    _, _, last = files.headers(first.path)
    content = bytearray(first.path.read_bytes())
    content[last.end - 1] ^= 1
    first.path.write_bytes(content + b"DFL1")
    query = Query(since=now, until=now + 240 * MINUTE)
    faults = []

    assert [flow.source_port for flow in search.find(tmp_path, KEYS, query, faults)] == [1, 121]
    assert faults == [
        "block 3 was changed",
        f"{first.path.name} cannot be read from octet {last.end} on",
    ]
    assert second.size


def test_more_than_can_be_shown_is_refused(log, find):
    log(0, *(told(port=port) for port in range(1, 50)))

    assert len(find(most=49)) == 49
    with pytest.raises(TooManyError):
        find(most=20)
