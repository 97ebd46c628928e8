"""Phones are told of the portal's API by real servers, while it passes its test."""

import contextlib
import datetime as dt
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

import pytest
import trustme
from scapy.layers.dhcp6 import (
    DUID_LL,
    DHCP6_InfoRequest,
    DHCP6_Reply,
    DHCP6OptClientId,
    DHCP6OptOptReq,
)
from scapy.layers.inet6 import ICMPv6ND_RA, ICMPv6NDOptCaptivePortal
from scapy.layers.l2 import Ether

from tests.lab import network
from tests.lab.namespace import Namespace
from tests.lab.shop import PORTAL_NAME, Shop
from tests.portal.advertising.self_signed import self_signed

URI = f"https://{PORTAL_NAME}/captive-portal/api"
_WITHIN_S = 40
_EVERY_PROTOCOL = 0x0003
_CAPTIVE_PORTAL = 103


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def shop(authority):
    """With TLS, a certificate that this machine trusts, and phones that are told of it."""
    missing = [name for name in ("nginx", "nft", "dnsmasq", "udhcpc") if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"not installed: {', '.join(missing)}" if missing else "not root")
    with tempfile.TemporaryDirectory(prefix="doorman-told-") as name:
        folder = Path(name)
        authority.cert_pem.write_to_path(f"{folder}/trusted.pem")
        put_by_hand(folder, authority.create_child_ca().issue_cert(PORTAL_NAME))
        settings = {
            "FRONT__SERVER": "nginx",
            "FRONT__HTTP_PORT": 80,
            "FRONT__FOLDER": folder / "front",
            "PORTAL__URL": f"https://{PORTAL_NAME}",
            "CERTIFICATE__CHAIN": folder / "portal.pem",
            "CERTIFICATE__KEY": folder / "portal.pem",
            "ADVERTISE__CHECK_EVERY_S": 1,
            "ADVERTISE__OPTIONS_FILE": folder / "dhcp-options",
        }
        with Shop(folder, settings) as shop:
            # As the user of dnsmasq (here root), and with no power but the one.
            command = ["setpriv", "--bounding-set=-all,+net_raw", *doorman("advertise")]
            shop.gateway.start(command, folder / "advertise.log", surroundings(shop))
            yield shop


def doorman(*words):
    return [sys.executable, "-m", "appliance", *words]


def surroundings(shop):
    return shop._environment | {
        "DOORMAN_ADVERTISE__DNSMASQ_PID_FILE": f"{shop.folder / shop.gateway.name}.pid",
        "SSL_CERT_FILE": f"{shop.folder}/trusted.pem",
        "SSL_CERT_DIR": f"{shop.folder}/no-more",
    }


def put_by_hand(folder, certificate):
    (folder / "portal.pem").write_bytes(certificate.private_key_and_cert_chain_pem.bytes())


def install(shop, certificate):
    """As whoever looks after the shop does; what the command says."""
    with tempfile.TemporaryDirectory() as folder:
        chain, key = Path(folder, "chain.pem"), Path(folder, "key.pem")
        chain.write_bytes(b"".join(each.bytes() for each in certificate.cert_chain_pems))
        key.write_bytes(certificate.private_key_pem.bytes())
        command = doorman("certificate", "install", chain, key)
        return shop.gateway.run(*command, environment=surroundings(shop)).stdout


def tell_front(shop, number):
    os.kill(int((shop.folder / "front/nginx.pid").read_text()), number)


def wait_until(true, what):
    deadline = time.monotonic() + _WITHIN_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def told_by_dhcp(shop, phone):
    """Option 114 of a lease, for a phone that asks for it as Android and iOS do."""
    script = shop.folder / "told.sh"
    if not script.exists():
        script.write_text('#!/bin/sh\n[ "$1" = bound ] && echo "option 114: $opt114."\nexit 0\n')
        script.chmod(0o755)
    command = ["udhcpc", "-i", "eth0", "-f", "-q", "-n", "-t", "5", "-T", "1"]
    said = phone.here.run(*command, "-s", script, "-O", "114").stdout
    [value] = [line for line in said.splitlines() if line.startswith("option 114: ")]
    return bytes.fromhex(value[len("option 114: ") : -1]).decode() or None


def told_by_dhcpv6(phone):
    """Option 103, for a phone that has its address already and asks for the rest."""
    client = DHCP6OptClientId(duid=DUID_LL(lladdr=phone.mac))
    question = DHCP6_InfoRequest(trid=7) / client / DHCP6OptOptReq(reqopts=[_CAPTIVE_PORTAL])

    def connect():
        asking = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        asking.settimeout(5)
        asking.bind(("::", 546))
        asking.sendto(bytes(question), ("ff02::1:2", 547, 0, socket.if_nametoindex("eth0")))
        return asking

    with phone.here.call(connect) as asking:
        option = DHCP6_Reply(asking.recv(2000)).payload
    while option:
        if getattr(option, "optcode", None) == _CAPTIVE_PORTAL:
            return bytes(option)[4 : 4 + option.optlen].decode()
        option = option.payload
    return None


@contextlib.contextmanager
def advertisements(phone):
    """`hear()` is the next router advertisement on the phone's cable; TimeoutError if none."""

    def listen():
        hearing = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_EVERY_PROTOCOL))
        hearing.bind(("eth0", _EVERY_PROTOCOL))
        hearing.settimeout(_WITHIN_S)
        return hearing

    with phone.here.call(listen) as hearing:

        def hear():
            while True:
                packet = Ether(hearing.recv(4096))
                if ICMPv6ND_RA in packet:
                    return packet

        yield hear


def solicit(phone):
    """The phone comes anew, and asks for routers."""
    for switch in (1, 0):
        phone.here.run("sysctl", "-qw", f"net.ipv6.conf.eth0.disable_ipv6={switch}")


def is_told(shop, phone):
    return told_by_dhcp(shop, phone) == URI


def test_it_is_tested_at_each_address_where_phones_find_it(shop):
    code = "from portal.advertising import own_addresses as own; print(*own.of_interface('br-lan'))"
    addresses = shop.gateway.run(sys.executable, "-c", code).stdout.split()

    assert addresses == [network.GATEWAY[4], network.GATEWAY[6]]


def test_a_phone_is_told_in_three_ways(shop, phone):
    wait_until(lambda: is_told(shop, phone), "option 114")
    assert told_by_dhcpv6(phone) == URI

    with advertisements(phone) as hear:
        solicit(phone)
        heard = {}
        # dnsmasq answers at its own pace.
        while len(heard) < 2:
            packet = hear()
            heard[ICMPv6NDOptCaptivePortal in packet] = packet
    ours, theirs = heard[True], heard[False]
    assert ours[ICMPv6NDOptCaptivePortal].URI.rstrip(b"\0").decode() == URI

    # To the phone it is the same router that speaks.
    said = [
        bytes(each[ICMPv6ND_RA])[4:6] + bytes(each[ICMPv6ND_RA])[8:16] for each in heard.values()
    ]
    assert len(set(said)) == 1
    assert (ours.src, ours["IPv6"].src) == (theirs.src, theirs["IPv6"].src)
    assert ours["IPv6"].hlim == 255
    assert 0 < ours.routerlifetime <= theirs.routerlifetime
    checksum = ours[ICMPv6ND_RA].cksum
    del ours[ICMPv6ND_RA].cksum
    assert Ether(bytes(ours))[ICMPv6ND_RA].cksum == checksum


def test_a_real_host_keeps_its_router_and_addresses_with_both_senders(shop, phone):
    wait_until(lambda: is_told(shop, phone), "option 114")
    phone.join()
    changes = shop.folder / "changes.log"
    watching = phone.here.start(["ip", "-6", "monitor", "route", "address"], changes)
    routes = phone.here.run("ip", "-6", "route", "show", "default").stdout.split(" expires")[0]
    addresses = phone.addresses(6)
    with advertisements(phone) as hear:
        kinds = set()
        # Each asks in the phone's name, without its kernel starting anew.
        while len(kinds) < 2:
            ask_for_routers(phone)
            kinds.add(ICMPv6NDOptCaptivePortal in hear())
        for _ in range(4):
            ask_for_routers(phone)
            hear()
    now = phone.here.run("ip", "-6", "route", "show", "default").stdout
    watching.terminate()
    watching.wait()

    assert now.split(" expires")[0] == routes
    assert phone.addresses(6) == addresses
    assert changes.read_text()
    assert "Deleted" not in changes.read_text()


def ask_for_routers(phone):
    def send():
        with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as asking:
            asking.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
            index = socket.if_nametoindex("eth0")
            asking.sendto(b"\x85" + bytes(7), ("ff02::2", 0, 0, index))

    phone.here.call(send)


def replace_by_self_signed(shop):
    put_by_hand(shop.folder, self_signed(PORTAL_NAME))
    tell_front(shop, signal.SIGHUP)


def replace_by_one_that_ends_soon(shop, authority):
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(hours=20)
    assert "in place" in install(shop, authority.issue_cert(PORTAL_NAME, not_after=soon))


def test_a_fault_withdraws_and_its_end_brings_back(shop, phone, authority):
    wait_until(lambda: is_told(shop, phone), "told at first")

    replace_by_one_that_ends_soon(shop, authority)
    wait_until(lambda: not is_told(shop, phone), "withdrawn: ends soon")
    assert told_by_dhcpv6(phone) is None

    good = install(shop, authority.issue_cert(PORTAL_NAME))
    assert "the front reads it now" in good
    wait_until(lambda: is_told(shop, phone), "told again")
    assert told_by_dhcpv6(phone) == URI


def test_a_self_signed_certificate_and_a_portal_that_is_down_are_never_told(shop, phone, authority):
    wait_until(lambda: is_told(shop, phone), "told at first")

    replace_by_self_signed(shop)
    wait_until(lambda: not is_told(shop, phone), "withdrawn: self-signed")
    # Nor by router advertisement: dnsmasq's own says when ours would have come.
    with advertisements(phone) as hear:
        for _ in range(3):
            solicit(phone)
            assert ICMPv6NDOptCaptivePortal not in hear()

    tell_front(shop, signal.SIGTERM)
    install(shop, authority.issue_cert(PORTAL_NAME))
    log = shop.folder / "advertise.log"
    wait_until(lambda: '"unreachable"' in log.read_text(), "down")
    assert not is_told(shop, phone)

    shop.gateway.start(doorman("front"), shop.folder / "front.log", surroundings(shop))
    wait_until(lambda: is_told(shop, phone), "told again")
    reasons = [line for line in log.read_text().splitlines() if "not advertised" in line]
    assert sum('"certificate_self_signed"' in line for line in reasons) == 1


def test_it_bears_an_interface_that_goes_down_and_ends_with_one_that_goes_away(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("not root: cannot make network namespaces")
    options, log = tmp_path / "options", tmp_path / "log"
    settings = {
        "CONFIG": tmp_path / "doorman.toml",
        "PORTAL__URL": f"https://{PORTAL_NAME}",
        "GATE__SHOPPER_INTERFACE": "shoppers",
        "ADVERTISE__CHECK_EVERY_S": 1,
        "ADVERTISE__OPTIONS_FILE": options,
        "ADVERTISE__DNSMASQ_PID_FILE": tmp_path / "none",
    }
    (tmp_path / "doorman.toml").touch()
    environment = os.environ | {f"DOORMAN_{name}": str(each) for name, each in settings.items()}
    with Namespace(f"doorman-{os.getpid()}-cable") as box:
        box.run("ip", "link", "add", "shoppers", "type", "bridge")
        box.run("ip", "link", "set", "shoppers", "up")
        program = box.start(doorman("advertise"), log, environment)
        wait_until(options.exists, "started")

        box.run("ip", "link", "set", "shoppers", "down")
        box.run("ip", "link", "set", "shoppers", "up")
        options.unlink()
        wait_until(options.exists, "it goes on")
        assert program.poll() is None

        box.run("ip", "link", "delete", "shoppers")
        assert program.wait(_WITHIN_S) == 1
    assert "interface shoppers has gone" in log.read_text()
