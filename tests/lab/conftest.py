import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.lab import network
from tests.lab.browser import Browser
from tests.lab.namespace import Namespace
from tests.lab.phone import Phone
from tests.lab.shop import Shop

_PROGRAMS = ("ip", "nft", "sysctl", "dnsmasq", "udhcpc")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("lab")


@pytest.fixture(scope="session")
def shop():
    """One for all tests; each brings a phone of its own."""
    if os.geteuid() != 0:
        pytest.skip("not root: cannot make network namespaces")
    missing = [program for program in _PROGRAMS if not shutil.which(program)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    # Not pytest's own folder: its path is too long for a Unix socket.
    with tempfile.TemporaryDirectory(prefix="doorman-lab-") as folder, Shop(Path(folder)) as shop:
        yield shop


@pytest.fixture
def phone(shop):
    """A phone that has just joined and is not online."""
    phone = Phone(shop)
    phone.join()
    yield phone
    shop.gate.revoke(phone.mac)


@pytest.fixture
def online(shop, phone):
    """A phone that has been admitted."""
    shop.gate.admit(phone.mac, 600)
    return phone


@pytest.fixture
def neighbour(shop):
    """A second phone on the same Wi-Fi, not online."""
    with Namespace(f"{shop.gateway.name}-neighbour") as place:
        network.plug(shop.gateway, "lan2", place)
        neighbour = Phone(shop, place)
        neighbour.join()
        yield neighbour
        shop.gate.revoke(neighbour.mac)
        # Left to the end of its namespace, the cable would go at some later time.
        shop.gateway.run("ip", "link", "delete", "lan2")


@pytest.fixture
def open_browser(shop, phone):
    """`open_browser(device, locale)` on the phone."""
    if not shutil.which("chromium"):
        pytest.skip("not installed: chromium")
    opened = []

    def open_browser(*arguments):
        opened.append(Browser(shop.shopper, *arguments))
        return opened[-1]

    yield open_browser
    for browser in opened:
        browser.close()
