"""What a phone cannot reach, also when it is online: the store, the box, and other phones."""

import contextlib
import ipaddress
import secrets
import socket
import struct
import time

import pytest

from gate.ruleset import Ruleset
from tests.lab import network
from tests.lab.shop import PORTAL_PORT

BOTH = pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
PORT = 2222
# Of the store's own network behind the uplink, the provider's, and the link's.
PRIVATE = ["10.1.2.3", "172.16.5.5", "192.168.7.7", "100.64.0.9", "fd77::7"]


@contextlib.contextmanager
def listening(namespace, address, port=PORT):
    """Somebody who takes connections there."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with namespace.call(lambda: socket.create_server((address, port), family=family)) as server:
        server.settimeout(5)
        yield server


@pytest.fixture
def behind_the_uplink(shop):
    """A machine with private addresses, which the gateway itself reaches."""
    with contextlib.ExitStack() as stack:
        for address in PRIVATE:
            single = f"{address}/{ipaddress.ip_address(address).max_prefixlen}"
            shop.internet.run("ip", "address", "replace", single, "dev", "lo")
            stack.callback(shop.internet.run, "ip", "address", "delete", single, "dev", "lo")
        yield


@contextlib.contextmanager
def reachable(shop, *networks):
    """The rules with `gate.reachable_networks` set."""
    shop.load(Ruleset("br-lan", "wan0", PORTAL_PORT, reachable_networks=networks).text())
    try:
        yield
    finally:
        shop.load_ruleset()


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_behind_the_uplink_are_closed(shop, online, behind_the_uplink, address):
    with listening(shop.internet, address):
        # It is there, and the gateway knows the way.
        shop.gateway.call(lambda: socket.create_connection((address, PORT), 5).close())

        with pytest.raises(ConnectionRefusedError):
            online.reach(address, PORT)


def test_a_setting_opens_one_of_them(shop, online, behind_the_uplink):
    with listening(shop.internet, "10.1.2.3"), listening(shop.internet, "192.168.7.7"):
        with reachable(shop, "10.1.2.0/24", "fd88::/64"):
            online.reach("10.1.2.3", PORT)
            with pytest.raises(ConnectionRefusedError):
                online.reach("192.168.7.7", PORT)

        with pytest.raises(ConnectionRefusedError):
            online.reach("10.1.2.3", PORT)


def test_the_setting_opens_nothing_to_a_phone_that_is_not_online(shop, phone, behind_the_uplink):
    with (
        listening(shop.internet, "10.1.2.3"),
        reachable(shop, "10.1.2.0/24"),
        pytest.raises(ConnectionRefusedError),
    ):
        phone.reach("10.1.2.3", PORT)


@pytest.mark.parametrize("address", [*network.GATEWAY.values(), "203.0.113.2", "2001:db8::2"])
def test_no_port_of_the_box_opens_with_a_login(shop, online, address):
    with listening(shop.gateway, address):
        shop.gateway.call(lambda: socket.create_connection((address, PORT), 5).close())

        with pytest.raises(ConnectionRefusedError):
            online.reach(address, PORT)


@BOTH
def test_phones_do_not_reach_each_other(shop, online, neighbour, version):
    address = neighbour.addresses(version)[0]
    shop.gate.admit(neighbour.mac, 60)
    with listening(neighbour.here, address):
        with pytest.raises(OSError):
            online.reach(address, PORT)

        for port in ("lan1", "lan2"):
            network.isolate(shop.gateway, port, "off")
        try:
            online.forget_neighbours()
            online.reach(address, PORT)
        finally:
            network.isolate(shop.gateway, "lan1")


@BOTH
def test_phones_do_not_reach_each_other_by_way_of_the_gateway(shop, online, neighbour, version):
    address = neighbour.addresses(version)[0]
    shop.gate.admit(neighbour.mac, 60)
    online.here.run("ip", "route", "add", address, "via", network.GATEWAY[version])
    try:
        with listening(neighbour.here, address), pytest.raises(ConnectionRefusedError):
            online.reach(address, PORT)
    finally:
        online.here.run("ip", "route", "delete", address)


def advertise(phone, prefix):
    """Say that this phone is a router (RFC 4861), as a broken or a hostile one does."""
    head = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
    lifetimes = struct.pack("!III", 3600, 3600, 0)
    words = head + struct.pack("!BBBB", 3, 4, 64, 0xC0) + lifetimes + prefix[0].packed
    with phone.here.call(
        lambda: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    ) as raw:
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        index = phone.here.call(lambda: socket.if_nametoindex("eth0"))
        raw.sendto(words, ("ff02::1", 0, 0, index))


def believes(namespace, prefix, within_s):
    """Whether a route appears that only the false router has told of."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if str(prefix) in namespace.run("ip", "-6", "route").stdout:
            return True
        time.sleep(0.05)
    return False


def test_a_phone_that_says_it_is_a_router_is_not_heard(shop, phone, neighbour):
    prefix = ipaddress.IPv6Network((f"fd66:{secrets.token_hex(2)}::", 64))
    advertise(phone, prefix)

    assert not believes(neighbour.here, prefix, within_s=1)
    assert not believes(shop.gateway, prefix, within_s=0.1)

    for port in ("lan1", "lan2"):
        network.isolate(shop.gateway, port, "off")
    try:
        advertise(phone, prefix)
        assert believes(neighbour.here, prefix, within_s=5)
    finally:
        network.isolate(shop.gateway, "lan1")


@BOTH
def test_segments_fit_an_uplink_that_is_narrower_than_usual(shop, online, version):
    def largest(connection):
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)

    sizes = {}
    for mtu in (1500, 1400):
        shop.gateway.run("ip", "link", "set", "wan0", "mtu", mtu)
        try:
            with (
                listening(shop.internet, network.WEB[version]) as server,
                online.connect(version, PORT),
                server.accept()[0] as accepted,
            ):
                sizes[mtu] = largest(accepted)
        finally:
            shop.gateway.run("ip", "link", "set", "wan0", "mtu", 1500)

    assert sizes[1500] - sizes[1400] == 100
