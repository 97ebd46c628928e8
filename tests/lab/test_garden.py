"""Hosts that everybody reaches before login, by the addresses that dnsmasq tells of."""

import contextlib
import time

import pytest

from gate.ruleset import Ruleset
from portal.resolver import dnsmasq
from tests.lab import network
from tests.lab.phone import Phone
from tests.lab.shop import PORTAL_PORT
from tests.lab.test_reach import PORT

BOTH = pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
INSIDE = "10.1.2.3"
_OUTSIDE = (network.RESOLVER, 5301)
_OURS = ("127.0.0.6", 53)
_WITHIN_S = 10
_RECORDS = f"""
host-record=www.garden.test,{network.WEB[4]},{network.WEB[6]}
host-record=inside.garden.test,{INSIDE}
local=/garden.test/
local-ttl=3600
"""


@contextlib.contextmanager
def dnsmasq_running(namespace, place, file, lines):
    address, port = place
    file.write_text(
        "user=root\npid-file=\nno-resolv\nno-hosts\nbind-interfaces\nlog-facility=-\n"
        f"listen-address={address}\nport={port}\n{lines}"
    )
    log = file.with_suffix(".log")
    process = namespace.start(["dnsmasq", "-k", f"--conf-file={file}"], log)
    try:
        deadline = time.monotonic() + _WITHIN_S
        while "started" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def garden_known(shop, folder, **changes):
    """`look_up(name)` asks a dnsmasq of the box, which tells the firewall of the garden."""
    lines = dnsmasq.configuration(refuse_private_relay=False, garden=["garden.test"])
    for before, after in changes.items():
        lines = lines.replace(before, after)
    upstream = "server={}#{}\n".format(*_OUTSIDE)
    box = Phone(shop, shop.gateway)

    def look_up(name):
        for kind in ("A", "AAAA"):
            assert box.ask(name, kind, _OURS[0]).rcode == 0

    with (
        dnsmasq_running(shop.internet, _OUTSIDE, folder / "outside.conf", _RECORDS),
        dnsmasq_running(shop.gateway, _OURS, folder / "ours.conf", upstream + lines),
    ):
        yield look_up
    for family in (4, 6):
        shop.gateway.run("nft", "flush", "set", "inet", "doorman", f"garden{family}")


@BOTH
def test_a_garden_host_is_reached_before_login_by_https_alone(shop, phone, tmp_path, version):
    with garden_known(shop, tmp_path) as look_up:
        with pytest.raises(ConnectionRefusedError):
            phone.connect(version, 443)
        look_up("www.garden.test")

        assert "https" in phone.get_securely(version)
        assert phone.get(version).status == 302
        with pytest.raises(ConnectionRefusedError):
            phone.connect(version, PORT)
    with pytest.raises(ConnectionRefusedError):
        phone.connect(version, 443)
    assert phone.mac not in shop.gate.counters()


@pytest.fixture
def inside(shop):
    """The internet's web server has a private address as well."""
    shop.internet.run("ip", "address", "add", f"{INSIDE}/32", "dev", "lo")
    yield
    shop.internet.run("ip", "address", "delete", f"{INSIDE}/32", "dev", "lo")


def test_a_name_of_the_garden_opens_no_private_address(shop, phone, inside, tmp_path):
    with garden_known(shop, tmp_path) as look_up:
        look_up("inside.garden.test")

        assert INSIDE in shop.gateway.run("nft", "list", "set", "inet", "doorman", "garden4").stdout
        Phone(shop, shop.gateway).reach(INSIDE, 443)
        with pytest.raises(ConnectionRefusedError):
            phone.reach(INSIDE, 443)


@pytest.fixture
def hasty(shop):
    """The rules, by which an address stays open for two seconds and not for a day."""
    shop.gateway.run("nft", "delete", "table", "inet", "doorman")
    shop.load(Ruleset("br-lan", "wan0", PORTAL_PORT, host_seconds=2).text())
    yield
    shop.gateway.run("nft", "delete", "table", "inet", "doorman")
    shop.load_ruleset()


def is_open(phone):
    try:
        phone.connect(4, 443).close()
    except ConnectionRefusedError:
        return False
    return True


def test_an_address_stays_open_while_it_is_used_and_opens_again_once_it_is_asked_for(
    shop, phone, hasty, tmp_path
):
    with garden_known(shop, tmp_path, **{"max-cache-ttl=300": "max-cache-ttl=6"}) as look_up:
        look_up("www.garden.test")
        asked = time.monotonic()
        while time.monotonic() - asked < 4:
            assert is_open(phone)
            time.sleep(0.2)

        deadline = time.monotonic() + _WITHIN_S
        while network.WEB[4] in shop.gateway.run("nft", "list", "table", "inet", "doorman").stdout:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        # Not closed for good: soon dnsmasq has to ask again, and tells of it.
        while not is_open(phone):
            assert time.monotonic() < deadline
            look_up("www.garden.test")
            time.sleep(0.1)
