"""What names phones can look up before login, and how fast."""

import time

import pytest
from scapy.layers.dns import DNS, DNSQR

from portal.resolver import dnsmasq
from tests.lab import network
from tests.lab.phone import Phone
from tests.lab.shop import PORTAL_NAME
from tests.lab.uplink import PROBE_NAME, RESOLVER_NAME, WEB_NAME

pytestmark = pytest.mark.timed

RESOLVERS = pytest.mark.parametrize(
    "resolver",
    [network.GATEWAY[4], network.RESOLVER, "2001:db8::1", "fd50::1"],
    ids=["ours", "another", "another-ipv6", "ours-ipv6"],
)
FOUND, NO_SUCH_NAME = 0, 3
# As in the ruleset.
BURST, PER_SECOND = 40, 20
QUESTION = bytes(DNS(rd=1, qd=DNSQR(qname=WEB_NAME)))


@RESOLVERS
def test_whatever_resolver_is_asked_names_are_answered(phone, resolver):
    # That one finds another address for this name.
    assert phone.resolve(RESOLVER_NAME, resolver) == network.GATEWAY[4]


def test_the_portal_has_an_address(phone):
    assert phone.resolve(PORTAL_NAME, network.GATEWAY[4]) == network.GATEWAY[4]


def test_a_probes_name_leads_to_its_real_address(phone):
    # A private one makes some phones think that there is no internet, and no portal.
    assert phone.resolve(PROBE_NAME, network.GATEWAY[4]) == network.WEB[4]


def test_an_address_stands_under_the_name_that_was_asked_for(phone):
    answer = phone.ask("alias.internet.test", "A", network.GATEWAY[4])

    assert [(each.rrname, each.type, each.rdata) for each in answer.an] == [
        (b"alias.internet.test.", 1, network.WEB[4])
    ]


def test_ipv6_addresses_are_found_as_well(phone):
    assert phone.ask(WEB_NAME, "AAAA", network.GATEWAY[4]).an[0].rdata == network.WEB[6]


@pytest.mark.parametrize("kind", ["TXT", "MX", "SRV", "CNAME", "NULL", "HTTPS", "ALL", "KEY"])
def test_nothing_but_addresses_is_answered_before_login(shop, phone, kind):
    before = phone.ask(WEB_NAME, kind, network.RESOLVER)
    shop.gate.admit(phone.mac, 60)
    after = phone.ask(WEB_NAME, "TXT", network.RESOLVER)

    assert (before.rcode, before.ancount, before.nscount, before.arcount) == (FOUND, 0, 0, 0)
    assert after.an[0].rdata == [b"words"]


def test_over_tcp_nothing_is_answered_before_login(shop, phone):
    for resolver in (network.GATEWAY[4], network.RESOLVER, network.GATEWAY[6]):
        with pytest.raises(ConnectionRefusedError):
            phone.reach(resolver, 53)

    shop.gate.admit(phone.mac, 60)
    phone.reach(network.GATEWAY[4], 53)
    phone.reach(network.RESOLVER, 53)


def test_a_flow_of_questions_does_not_outlive_the_login(shop, online):
    with online.datagrams(network.GATEWAY[4], 53) as asking:
        asking.send(QUESTION)
        assert asking.recv(1000)
        shop.gate.revoke(online.mac)

        asking.send(QUESTION)
        with pytest.raises(OSError) as caught:
            asking.recv(1000)
    assert not isinstance(caught.value, TimeoutError)


def flood(phone, number):
    """How many of the questions were answered, and within how long."""
    answers = 0
    begun = time.monotonic()
    with phone.datagrams(network.GATEWAY[4], 53) as asking:
        for _ in range(number):
            asking.send(QUESTION)
        asking.settimeout(1)
        try:
            while asking.recv(1000):
                answers += 1
        except TimeoutError:
            return answers, time.monotonic() - begun


def test_a_phone_that_asks_too_fast_is_slowed_down_and_another_is_not(phone, neighbour):
    answers, took_s = flood(phone, 300)

    assert BURST / 2 < answers <= BURST + PER_SECOND * took_s + 1
    assert neighbour.resolve(WEB_NAME, network.GATEWAY[4]) == network.WEB[4]


@pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
def test_names_over_tls_are_refused_at_once_before_login(phone, version):
    with pytest.raises(ConnectionRefusedError):
        phone.connect(version, 853)
    with phone.datagrams(network.WEB[version], 853) as quic:
        quic.send(b"hello")
        with pytest.raises(OSError) as caught:
            quic.recv(100)
    assert not isinstance(caught.value, TimeoutError)


def test_private_relay_is_let_be_unless_set_otherwise(phone):
    assert phone.resolve("mask.icloud.com", network.GATEWAY[4]) == network.WEB[4]


@pytest.fixture
def refusing(shop, tmp_path):
    """The address of one more dnsmasq on the gateway, set to refuse Private Relay."""
    address = "127.0.0.5"
    file = tmp_path / "dnsmasq.conf"
    file.write_text(
        f"user=root\npid-file=\nno-resolv\nno-hosts\nserver={network.RESOLVER}\n"
        f"listen-address={address}\nbind-interfaces\n"
        + dnsmasq.configuration(refuse_private_relay=True)
    )
    process = shop.gateway.start(["dnsmasq", "-k", f"--conf-file={file}"], tmp_path / "log")
    deadline = time.monotonic() + 10
    while True:
        try:
            Phone(shop, shop.gateway).reach(address, 53)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.02)
    yield address
    process.terminate()
    process.wait()


@pytest.mark.parametrize(
    "name", ["mask.icloud.com", "mask-h2.icloud.com", "use-application-dns.net"]
)
def test_a_setting_refuses_private_relay_in_the_documented_way(shop, refusing, name):
    somebody = Phone(shop, shop.gateway)

    assert somebody.ask(name, "A", refusing).rcode == NO_SUCH_NAME
    assert somebody.resolve(WEB_NAME, refusing) == network.WEB[4]
