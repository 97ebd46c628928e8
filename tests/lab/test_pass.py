"""A temporary pass: WeChat's hosts and no others, for its time, within its measure."""

import http.client
import socket

import pytest

from gate.client import Limits
from tests.lab import network
from tests.lab.shop import PORTAL_PORT, PORTAL_URL
from tests.lab.test_limits import bytes_a_second, pouring
from tests.lab.test_reach import PORT, listening
from tests.lab.uplink import PROBE_NAME, WECHAT_NAME
from tests.portal.sequences.handsets import Android, Iphone

pytestmark = pytest.mark.timed

BOTH = pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])


def fetch(phone, address, path="/", *, host, method="GET", agent="", port=80):
    """Status, Location and body of a request that the phone sends to an address."""

    def ask():
        connection = http.client.HTTPConnection(address, port, timeout=5)
        connection.request(method, path, headers={"Host": host, "User-Agent": agent})
        answer = connection.getresponse()
        found = answer.status, answer.headers["Location"], answer.read().decode()
        connection.close()
        return found

    return phone.here.call(ask)


def look_up_wechat(phone):
    """As the app does first; it is how the firewall learns of the addresses."""
    for version, kind in ((4, "A"), (6, "AAAA")):
        answer = phone.ask(WECHAT_NAME, kind, network.GATEWAY[4])
        assert answer.an[0].rdata == network.WECHAT[version]


def press_button(phone, version=4, agent=Iphone.agent):
    host = PORTAL_URL.removeprefix("http://")
    address = network.GATEWAY[version]
    status, location, _ = fetch(
        phone, address, "/pass", host=host, method="POST", agent=agent, port=PORTAL_PORT
    )
    assert (status, location) == (303, "/pass")


def probe(phone, version):
    """What an iPhone concludes from."""
    address = network.WEB[version]
    path = "/hotspot-detect.html"
    status, _, body = fetch(phone, address, path, host=PROBE_NAME, agent=Iphone.probe_agent)
    return status, "Success" in body


@pytest.fixture
def wechat(phone):
    """A phone that has asked for WeChat's name."""
    look_up_wechat(phone)
    return phone


@BOTH
def test_a_pass_opens_wechats_hosts_and_no_others(shop, wechat, version):
    other = 6 if version == 4 else 4
    with pytest.raises(ConnectionRefusedError):
        wechat.reach(network.WECHAT[version], 443)

    press_button(wechat, version)
    # By whichever family it was asked for, both are open.
    wechat.reach(network.WECHAT[version], 443)
    wechat.reach(network.WECHAT[other], 443)
    for address in network.WEB.values():
        with pytest.raises(ConnectionRefusedError):
            wechat.reach(address, 443)
    status, location, _ = fetch(wechat, network.WECHAT[version], host=WECHAT_NAME)
    assert (status, location) == (302, f"{PORTAL_URL}/"), "port 80 stays captive"
    assert wechat.mac not in shop.gate.online()

    shop.gate.admit(wechat.mac, 60)
    wechat.reach(network.WEB[version], 443)


@BOTH
def test_apples_probe_succeeds_while_an_iphone_has_a_pass(shop, phone, version):
    assert probe(phone, version) == (302, False)
    press_button(phone)
    assert probe(phone, version) == (200, True)

    assert fetch(phone, network.WEB[version], "/generate_204", host="g.cn")[0] == 302


def test_an_android_with_a_pass_stays_captive(phone):
    press_button(phone, agent=Android.agent)

    assert probe(phone, 4) == (302, False)
    assert fetch(phone, network.WEB[4], "/generate_204", host="g.cn")[0] == 302


@BOTH
def test_what_is_open_when_a_pass_ends_is_cut(shop, wechat, version):
    shop.gate.give_pass(wechat.mac, 2)
    with listening(shop.internet, network.WECHAT[version]) as server:
        with (
            connection(wechat, version) as here,
            server.accept()[0] as there,
            pouring(there),
            pytest.raises(ConnectionResetError),
        ):
            wechat.read_on(here)
        with pytest.raises(ConnectionRefusedError):
            wechat.reach(network.WECHAT[version], PORT)


def test_a_pass_is_as_fast_as_the_settings_say_and_no_faster(shop, wechat):
    press_button(wechat)
    with (
        listening(shop.internet, network.WECHAT[4]) as server,
        connection(wechat, 4) as here,
        server.accept()[0] as there,
        pouring(there),
    ):
        speed = bytes_a_second(here)

    assert speed == pytest.approx(2_000_000 / 8, rel=0.25)


def test_a_pass_is_over_when_its_bytes_are_used_up(shop, wechat):
    shop.gate.give_pass(wechat.mac, 60, Limits(bytes=300_000))
    with (
        listening(shop.internet, network.WECHAT[4]) as server,
        connection(wechat, 4) as here,
        server.accept()[0] as there,
        pouring(there),
        pytest.raises(ConnectionResetError),
    ):
        wechat.read_on(here)

    with pytest.raises(ConnectionRefusedError):
        wechat.reach(network.WECHAT[4], 443)


def connection(phone, version):
    """To a port that apps of WeChat's kind use beside 443."""

    def connect():
        return socket.create_connection((network.WECHAT[version], PORT), 5)

    return phone.here.call(connect)
