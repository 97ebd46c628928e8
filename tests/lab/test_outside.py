"""What the internet's side can reach: nothing."""

import socket

import pytest

from tests.lab.shop import PORTAL_PORT


def reach(shop, address, port):
    shop.internet.call(lambda: socket.create_connection((address, port), timeout=1).close())


@pytest.mark.parametrize("address", ["203.0.113.2", "2001:db8::2"], ids=["ipv4", "ipv6"])
def test_nobody_outside_reaches_the_portal(shop, phone, address):
    with pytest.raises(TimeoutError):
        reach(shop, address, PORTAL_PORT)


@pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
def test_nobody_outside_reaches_a_phone_that_is_online(shop, online, version):
    network, gateway = {
        4: ("192.168.50.0/24", "203.0.113.2"),
        6: ("fd50::/64", "2001:db8::2"),
    }[version]
    shop.internet.run("ip", "route", "replace", network, "via", gateway)

    # A phone would refuse the connection: nothing listens there. So it has not heard of it.
    with pytest.raises(TimeoutError):
        reach(shop, online.addresses(version)[0], 80)
