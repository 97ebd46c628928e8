"""What is taken of another gateway's word for where a guest is."""

import pytest

from gate import whereabouts
from gate.whereabouts import MOST_ADDRESSES, NOWHERE, Whereabouts

POINT = "f0:9f:c2:00:00:01"


def test_takes_each_address_once_and_in_one_form():
    told = ["192.168.1.23", "2001:DB8:0:0::7", "2001:db8::7", "fd00::1"]

    assert whereabouts.read(told, POINT) == Whereabouts(
        ("192.168.1.23", "2001:db8::7", "fd00::1"), POINT
    )


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("", id="nothing"),
        pytest.param(None, id="null"),
        pytest.param(3232235799, id="a number"),
        pytest.param(["192.168.1.23"], id="a list"),
        pytest.param("192.168.1", id="cut off"),
        pytest.param("192.168.1.23/24", id="a network"),
        pytest.param("192.168.1.023", id="a leading nought"),
        pytest.param("=cmd|' /C calc'!A0", id="a formula"),
        pytest.param("2001:db8::7%eth0", id="with a name after it"),
        pytest.param("0.0.0.0", id="none yet"),
        pytest.param("255.255.255.254", id="RADIUS: the NAS is to choose"),
        pytest.param("255.255.255.255", id="RADIUS: the user may choose"),
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("169.254.3.4", id="without a lease"),
        pytest.param("224.0.0.251", id="a group"),
        pytest.param("::", id="none yet, IPv6"),
        pytest.param("fe80::1", id="link-local"),
        pytest.param("ff02::1", id="a group, IPv6"),
    ],
)
def test_drops_what_is_no_phones_address(told):
    assert whereabouts.read([told, "10.0.0.7"], "") == Whereabouts(("10.0.0.7",), "")


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("AP-3", id="a name"),
        pytest.param(POINT.upper(), id="capitals"),
        pytest.param(f"{POINT}:guests", id="the network's name after it"),
        pytest.param("ff:ff:ff:ff:ff:ff", id="everybody"),
        pytest.param("00:00:00:00:00:00", id="nobody"),
    ],
)
def test_drops_what_is_no_access_points_address(told):
    assert whereabouts.read([], told) == NOWHERE


def test_one_phone_has_so_many_addresses_at_most():
    found = whereabouts.read((f"2001:db8::{number:x}" for number in range(1, 1000)), "")

    assert len(found.addresses) == MOST_ADDRESSES


def test_printing_shows_nothing_of_it():
    assert "192" not in repr(whereabouts.read(["192.168.1.23"], POINT))
