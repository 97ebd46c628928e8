import ipaddress
from pathlib import Path

from tests.lab import network


def test_a_phone_gets_an_address_of_each_family_and_a_way_out(phone):
    assert ipaddress.ip_address(phone.addresses(4)[0]) in ipaddress.ip_network("192.168.50.0/24")
    assert ipaddress.ip_address(phone.addresses(6)[0]) in ipaddress.ip_network("fd50::/64")
    assert phone.has_default_route(4)
    assert phone.has_default_route(6)


def test_a_phone_is_told_our_resolver(shop, phone):
    assert (
        shop.shopper.run("cat", "/etc/resolv.conf").stdout == f"nameserver {network.GATEWAY[4]}\n"
    )


def test_the_machines_own_resolver_is_left_alone(phone):
    assert network.GATEWAY[4] not in Path("/etc/resolv.conf").read_text()
