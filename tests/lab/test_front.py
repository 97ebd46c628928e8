"""The way online through the web server in front of the portal, as in a store: by HTTPS."""

import contextlib
import json
import os
import shutil
import socket
import ssl
import tempfile
import threading
import time
from pathlib import Path

import pytest
import trustme

from tests.lab import network
from tests.lab.shop import PORTAL_NAME, Shop
from tests.lab.test_login import log_in
from tests.lab.uplink import WEB_NAME

pytestmark = pytest.mark.timed

URL = f"https://{PORTAL_NAME}"
BOTH = pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])


@pytest.fixture(scope="module")
def shop():
    """A second one, with a web server in front of its portal."""
    missing = [name for name in ("nginx", "nft", "dnsmasq") if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"not installed: {', '.join(missing)}" if missing else "not root")
    with tempfile.TemporaryDirectory(prefix="doorman-front-") as folder:
        settings = {
            "FRONT__SERVER": "nginx",
            "FRONT__HTTP_PORT": 80,
            "FRONT__FOLDER": f"{folder}/front",
            "PORTAL__URL": URL,
            **certificate(Path(folder)),
        }
        with Shop(Path(folder), settings) as shop:
            yield shop


def certificate(folder):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(f"{folder}/portal-ca.pem")
    issued = authority.issue_cert(PORTAL_NAME)
    chain, key = folder / "chain.pem", folder / "key.pem"
    issued.cert_chain_pems[0].write_to_path(str(chain))
    issued.private_key_pem.write_to_path(str(key))
    return {"CERTIFICATE__CHAIN": chain, "CERTIFICATE__KEY": key}


@contextlib.contextmanager
def names_are(shop, version):
    """The browser knows the portal and the web by addresses of one family alone."""
    hosts = Path("/etc/netns", shop.shopper.name, "hosts")
    hosts.write_text(
        f"{network.GATEWAY[version]} {PORTAL_NAME}\n{network.WEB[version]} {WEB_NAME}\n"
    )
    try:
        yield
    finally:
        hosts.unlink()


def ask_securely(shop, phone, address, path):
    """Status line and body of what the portal answers by HTTPS at this address of the box."""
    context = ssl.create_default_context(cafile=shop.folder / "portal-ca.pem")
    with (
        phone.here.call(lambda: socket.create_connection((address, 443), timeout=5)) as connection,
        context.wrap_socket(connection, server_hostname=PORTAL_NAME) as secure,
    ):
        secure.sendall(f"GET {path} HTTP/1.0\r\nHost: {PORTAL_NAME}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: secure.recv(65_536), b"")).decode()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), body


@pytest.mark.browser
@BOTH
def test_a_shopper_goes_online(shop, phone, open_browser, version):
    with names_are(shop, version):
        browser = open_browser()
        browser.open(f"http://{WEB_NAME}/news")
        assert browser.address == f"{URL}/"

        log_in(shop, browser)
        browser.press("#go-online")
        assert browser.text("#online")
        # Its hardware address was found behind the address that nginx passed on.
        assert shop.gate.online().keys() == {phone.mac}

        # On a connection of its own, not on one from before the login.
        browser.open(f"http://{WEB_NAME}/news")
        assert browser.text("#internet") == f"http {WEB_NAME}"
        browser.open(f"http://{PORTAL_NAME}/online")
        assert browser.address == f"{URL}/online"
        assert browser.text("#online")


@BOTH
def test_a_web_page_becomes_the_portal(phone, version):
    answer = phone.get(version)

    assert answer.status == 302
    assert answer.location == f"{URL}/"


@BOTH
def test_the_captive_portal_api_is_told_which_phone_asks(shop, phone, version):
    address = network.GATEWAY[version]
    status, body = ask_securely(shop, phone, address, "/captive-portal/api")

    assert status == 200
    assert json.loads(body)["captive"] is True


def test_a_phone_is_known_by_the_address_of_its_link_as_well(shop, phone):
    shown = shop.gateway.run("ip", "-o", "-6", "address", "show", "dev", "br-lan", "scope", "link")
    address = shown.stdout.split()[3].partition("/")[0]
    status, body = ask_securely(shop, phone, f"{address}%eth0", "/")

    assert status == 200
    assert 'id="phone"' in body


def test_the_portal_itself_is_not_to_be_reached(phone):
    with pytest.raises(ConnectionRefusedError):
        phone.reach(network.GATEWAY[4], 8080)


def hold_all(phone):
    """As many connections to the portal as one phone may have, and nothing said on them."""
    held = []
    with contextlib.suppress(ConnectionRefusedError):
        while len(held) < 200:
            held.append(knock(phone))
    return held


def knock(phone):
    address = (network.GATEWAY[4], 80)
    return phone.here.call(lambda: socket.create_connection(address, timeout=5))


def ask_without_pause(phone, held, answers):
    """Pages on these connections for two seconds, then on whichever others it may have."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError),
            held.pop() if held else knock(phone) as connection,
        ):
            connection.sendall(f"GET / HTTP/1.0\r\nHost: {PORTAL_NAME}\r\n\r\n".encode())
            answers.append(connection.recv(12))


def test_a_greedy_phone_keeps_no_other_from_its_page(shop, phone, neighbour):
    held, answers = hold_all(phone), []
    assert 90 <= len(held) < 200
    idle, used = held[20:], held[:20]

    asking = threading.Thread(target=ask_without_pause, args=(phone, used, answers))
    asking.start()
    try:
        for _ in range(3):
            begun = time.monotonic()
            status, _ = ask_securely(shop, neighbour, network.GATEWAY[4], "/")
            assert status == 200
            assert time.monotonic() - begun < 5
            asking.join(0.5)
    finally:
        asking.join()
        for connection in [*idle, *used]:
            connection.close()
    assert len(answers) >= 20
