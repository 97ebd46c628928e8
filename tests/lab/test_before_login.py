import socket

import pytest

from tests.lab import network
from tests.lab.shop import PORTAL_URL
from tests.lab.uplink import RESOLVER_NAME

FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
BOTH = pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])


@BOTH
def test_a_web_page_becomes_the_portal(phone, version):
    answer = phone.get(version)

    assert answer.status == 302
    assert answer.location == f"{PORTAL_URL}/"


@BOTH
def test_https_is_refused_at_once(phone, version):
    # A phone that waits for a time-out shows no portal meanwhile.
    with pytest.raises(ConnectionRefusedError):
        phone.connect(version, 443)


@BOTH
def test_quic_is_refused_at_once(phone, version):
    with phone.listen(version) as datagrams, pytest.raises(OSError) as caught:
        datagrams.recv(100)

    assert not isinstance(caught.value, TimeoutError)


def test_our_resolver_answers_whatever_resolver_is_asked(phone):
    assert phone.resolve(RESOLVER_NAME, network.RESOLVER) == network.GATEWAY[4]


@BOTH
def test_the_gateway_offers_a_phone_nothing_but_the_portal(shop, phone, version):
    def listen():
        return socket.create_server((network.GATEWAY[version], 2222), family=FAMILIES[version])

    def connect():
        return socket.create_connection((network.GATEWAY[version], 2222), timeout=5)

    with shop.gateway.call(listen):
        shop.gateway.call(connect).close()
        with pytest.raises(ConnectionRefusedError):
            shop.shopper.call(connect)
