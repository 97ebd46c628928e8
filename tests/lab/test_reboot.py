"""After a reboot the firewall's sets are empty, and the database knows who was online."""

import contextlib
import sys
import time

import pytest

from tests.lab.test_login import log_in
from tests.lab.uplink import WEB_NAME

pytestmark = pytest.mark.browser

_WITHIN_S = 30


@contextlib.contextmanager
def jobs_running(shop, **environment):
    """For one test alone: the others let phones in and out at the gate, behind its back."""
    command = [sys.executable, "-m", "appliance", "jobs"]
    environment = shop._environment | environment
    process = shop.gateway.start(command, shop.folder / "jobs.log", environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_a_phone_is_online_again_without_a_new_login(shop, phone, open_browser):
    browser = open_browser()
    log_in(shop, browser)
    browser.press("#go-online")
    assert phone.get(4).status == 200

    shop.gateway.run("nft", "delete", "table", "inet", "doorman")
    shop.load_ruleset()
    assert phone.get(4).status == 302

    with jobs_running(shop):
        deadline = time.monotonic() + _WITHIN_S
        while not shop.gate.find(phone.mac):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert phone.get(4).status == 200
    assert phone.get(6).status == 200
    browser.open(f"http://{WEB_NAME}/")
    assert browser.text("#internet")
