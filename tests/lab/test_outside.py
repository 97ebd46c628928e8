"""What the internet's side can reach: nothing."""

import socket

import pytest

from gate.ruleset import Ruleset
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


@pytest.mark.parametrize(
    ("box", "here", "near", "elsewhere"),
    [
        pytest.param("203.0.113.2", "203.0.113.10", "203.0.113.8/29", "203.0.113.16/29", id="ipv4"),
        pytest.param("2001:db8::2", "2001:db8::10", "2001:db8::/64", "2001:db9::/64", id="ipv6"),
    ],
)
def test_the_ports_named_are_open_to_networks_of_management_alone(shop, box, here, near, elsewhere):
    family = socket.AF_INET6 if ":" in box else socket.AF_INET

    def call():
        socket.create_connection((box, 2222), 1, source_address=(here, 0)).close()

    def load(*networks, port=2222):
        rules = Ruleset(
            "br-lan",
            "wan0",
            PORTAL_PORT,
            management_networks=networks,
            management_ports=(port,),
        )
        shop.load(rules.text())

    with shop.gateway.call(lambda: socket.create_server((box, 2222), family=family)):
        try:
            load(near)
            shop.internet.call(call)
            for networks, port in (((), 2222), ((elsewhere,), 2222), ((near,), 22)):
                load(*networks, port=port)
                with pytest.raises(TimeoutError):
                    shop.internet.call(call)
        finally:
            shop.load_ruleset()
