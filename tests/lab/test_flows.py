"""Real connections, translated by the real ruleset, as `doorman flows` keeps them."""

import datetime as dt
import socket
import struct
import sys
import time
from pathlib import Path

import pytest

from access_log.flows import chain, key_file
from access_log.flows.search import Query, find
from core.mac import Mac
from tests.lab import network

DOORMAN = Path(sys.executable).with_name("doorman")
WITHIN_S = 15


@pytest.fixture(scope="module")
def flows(shop):
    """Keeps flows as long as these tests run; `flows(phone)` is what it has of one, by now."""
    data = shop.folder / "data"
    settings = shop._environment | {"DOORMAN_FLOWS__BLOCK_S": "1"}
    program = shop.gateway.start([DOORMAN, "flows"], shop.folder / "flows.log", settings)
    # Its first block says that it has begun.
    until(lambda: list((data / "flows").glob("*.flows")))
    keys = key_file.load(data / "flows.key")

    def search(phone):
        now = dt.datetime.now(dt.UTC)
        query = Query(since=now - dt.timedelta(minutes=1), until=now, phone=Mac.parse(phone.mac))
        return find(data / "flows", keys, query)

    yield search
    program.terminate()
    program.wait(10)
    verdict = chain.verify(data / "flows", keys)
    assert (verdict.is_whole, verdict.lost) == (True, 0)
    assert verdict.notes[-1] == {"event": "stopped"}


def until(condition):
    deadline = time.monotonic() + WITHIN_S
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return value


def echo(phone):
    """One echo request."""

    def send():
        kind = (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        with socket.socket(*kind) as line:
            message = struct.pack("!BBHHH", 8, 0, 0xFFFF - 0x0800 - 77 - 1, 77, 1)
            line.sendto(message, (network.WEB[4], 0))

    phone.here.call(send)


def test_what_was_open_before_is_kept_as_well(online, request):
    with online.connect(4, 80) as connection:
        port = connection.getsockname()[1]
        flows = request.getfixturevalue("flows")
        [flow] = until(lambda: flows(online))

    assert (flow.source_port, flow.mac) == (port, Mac.parse(online.mac))


def test_what_a_phone_opens_is_kept_with_its_address_on_both_sides(shop, phone, flows):
    phone.get(4)
    shop.gate.admit(phone.mac, 600)
    phone.get(4)
    phone.get(6)
    with phone.datagrams(network.WEB[4], 4433) as line:
        line.send(b"x")
    echo(phone)
    kept = until(lambda: (found := flows(phone)) and len(found) >= 4 and found)

    # The portal's page, before, was not on the internet.
    assert [str(flow.destination) for flow in kept] == [network.WEB[n] for n in (4, 6, 4, 4)]
    ports = [(flow.protocol, flow.destination_port) for flow in kept]
    assert ports == [(6, 80), (6, 80), (17, 4433), (1, 8 << 8)]
    assert {flow.mac for flow in kept} == {Mac.parse(phone.mac)}
    of_ipv6 = kept[1]
    assert [str(of_ipv6.source), str(of_ipv6.public)] == [phone.addresses(6)[0], "2001:db8::2"]
    assert str(kept[0].source) == phone.addresses(4)[0]


def test_two_phones_behind_one_address_are_told_apart_by_its_port(shop, online, neighbour, flows):
    # Else the kernel does not count what each has carried.
    shop.gateway.run("sysctl", "-qw", "net.netfilter.nf_conntrack_acct=1")
    shop.gate.admit(neighbour.mac, 600)
    for phone in (online, neighbour):
        phone.here.call(
            lambda: socket.create_connection((network.WEB[4], 80), 5, ("", 45000)).close()
        )
    shop.gateway.run("conntrack", "--delete", "--proto", "tcp", "--sport", "45000")
    both = [
        until(lambda p=phone: [f for f in flows(p) if f.ended_at]) for phone in (online, neighbour)
    ]
    [one], [other] = both

    assert (one.source_port, other.source_port) == (45000, 45000)
    assert (str(one.public), one.public) == ("203.0.113.2", other.public)
    assert one.public_port != other.public_port
    assert min(one.bytes_up, one.bytes_down, other.bytes_up) > 100
