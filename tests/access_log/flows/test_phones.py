import ipaddress

import pytest

from access_log.flows import rtnetlink
from access_log.flows.conntrack import Reader
from access_log.flows.phones import PASS_BIT, Networks, Phones, mark_of
from access_log.flows.records import DESTINATION, NOBODY, SOURCE
from access_log.flows.rtnetlink import Neighbour
from core import netlink
from core.mac import Mac
from core.netlink import BadMessageError
from tests.connections import PHONE, told

MAC, OTHER = Mac.parse("02:00:00:00:00:01"), Mac.parse("02:00:00:00:00:02")
NETWORKS = Networks(map(ipaddress.ip_network, ("192.168.50.0/24", "fd50::/64", "fe80::/64")))


def row(message):
    return bytes(Reader().read([message], 0)[0])


def leaves(networks, message):
    return networks.leaves(row(message)[SOURCE], row(message)[DESTINATION])


def neighbour(mac, address=PHONE):
    return Neighbour(ipaddress.ip_address(address), mac)


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        pytest.param(mark_of(MAC), MAC, id="online"),
        pytest.param(mark_of(MAC) | PASS_BIT, MAC, id="with-a-pass"),
        pytest.param(mark_of(OTHER), OTHER, id="another-phones-whoever-has-the-address"),
        pytest.param(None, MAC, id="before-login-by-its-address"),
        pytest.param(7, None, id="nobodys-that-is-known"),
    ],
)
def test_whose_a_flow_is(mark, expected):
    phones = Phones()
    phones.learn([neighbour(MAC), neighbour(OTHER, "192.168.50.99")])

    assert phones.of(row(told(mark=mark))) == (expected.octets if expected else NOBODY)


def test_who_has_left_is_known_by_its_mark_alone():
    phones = Phones()
    phones.learn([neighbour(MAC)])
    phones.learn([])

    assert phones.of(row(told())) == NOBODY
    assert phones.of(row(told(mark=mark_of(MAC)))) == MAC.octets
    phones.forget()
    assert phones.of(row(told(mark=mark_of(MAC)))) == NOBODY


@pytest.mark.parametrize(
    ("message", "is_kept"),
    [
        pytest.param(told(), True, id="to-the-internet"),
        pytest.param(told(source="fd50::7", public="fd50::7", to="2001:db8::1"), True, id="ipv6"),
        pytest.param(told(answers="192.168.50.1"), False, id="redirected-to-the-box"),
        pytest.param(told(source="203.0.113.2"), False, id="the-boxs-own"),
        pytest.param(
            told(source="fe80::7", public="fe80::7", to="fe80::1"), False, id="of-the-link"
        ),
    ],
)
def test_only_what_leaves_the_shoppers_network_is_kept(message, is_kept):
    assert leaves(NETWORKS, message) == is_kept


def test_without_a_network_nothing_is():
    assert not leaves(Networks(()), told())
    assert not Networks(())


def entry(index, address, mac=MAC.octets):
    body = bytes([2, 0, 0, 0]) + index.to_bytes(4, "little") + bytes(4)
    words = netlink.attribute(1, address) + (netlink.attribute(2, mac) if mac else b"")
    return next(netlink.messages(netlink.message(28, 0, 1, body + words)))


def test_reads_a_neighbour_of_one_interface():
    address = ipaddress.ip_address(PHONE)

    assert rtnetlink.read_neighbour(entry(3, address.packed), 3) == Neighbour(address, MAC)
    assert rtnetlink.read_neighbour(entry(4, address.packed), 3) is None
    assert rtnetlink.read_neighbour(entry(3, address.packed, mac=None), 3) is None
    with pytest.raises(BadMessageError):
        rtnetlink.read_neighbour(entry(3, b"12345"), 3)


def test_reads_the_network_of_an_address_of_one_interface():
    body = bytes([2, 24, 0, 0, 3, 0, 0, 0]) + netlink.attribute(1, bytes([192, 168, 50, 1]))
    told_of = next(netlink.messages(netlink.message(20, 0, 1, body)))

    assert rtnetlink.read_network(told_of, 3) == ipaddress.ip_network("192.168.50.0/24")
    assert rtnetlink.read_network(told_of, 4) is None
