"""The way online as a shopper goes it: in a browser, in the shop, with the real programs."""

import re

import pytest

from tests.lab.browser import BrowserError
from tests.lab.shop import PORTAL_URL
from tests.lab.uplink import WEB_NAME

pytestmark = pytest.mark.browser


def newest_code(shop, number):
    text = next(each["text"] for each in shop.messages() if each["to"].endswith(number))
    return re.search(r"\b\d{6}\b", text)[0]


def log_in(shop, browser):
    """Up to the page that asks for consents. Each shopper has a number of their own."""
    number = f"1380013{len(shop.messages()):04}"
    browser.open(f"http://{WEB_NAME}/")
    browser.fill("#phone", number)
    browser.tick("#terms")
    browser.press("#next")
    browser.fill("#code", newest_code(shop, number))
    browser.press("#next")


@pytest.mark.parametrize(("device", "locale"), [("iPhone 14", "zh-CN"), ("Pixel 7", "en-GB")])
def test_a_shopper_goes_online(shop, phone, open_browser, device, locale):
    browser = open_browser(device, locale)
    browser.open(f"http://{WEB_NAME}/news")
    assert browser.address == f"{PORTAL_URL}/"

    log_in(shop, browser)
    for box in ("#membership", "#marketing", "#visit_analytics"):
        browser.tick(box)
    assert phone.mac not in shop.gate.online()
    browser.press("#go-online")
    assert browser.text("#online")
    assert phone.mac in shop.gate.online()

    browser.open(f"http://{WEB_NAME}/news")
    assert browser.text("#internet") == f"http {WEB_NAME}"
    browser.open(f"https://{WEB_NAME}/news")
    assert browser.text("#internet") == f"https {WEB_NAME}"
    assert phone.get(4).status == 200
    assert phone.get(6).status == 200


def test_a_secure_page_fails_at_once_before_the_login(phone, open_browser):
    with pytest.raises(BrowserError, match="ERR_CONNECTION_REFUSED"):
        open_browser().open(f"https://{WEB_NAME}/")


def test_who_agrees_to_nothing_goes_online_as_well(shop, phone, open_browser):
    browser = open_browser()
    log_in(shop, browser)
    browser.press("#go-online")

    assert browser.text("#online")
    assert phone.get(4).status == 200


def test_who_logs_out_is_led_to_the_portal_again(shop, phone, open_browser):
    browser = open_browser()
    log_in(shop, browser)
    browser.press("#go-online")
    browser.press("#logout")

    assert phone.mac not in shop.gate.online()
    browser.open(f"http://{WEB_NAME}/")
    assert browser.address == f"{PORTAL_URL}/"


def test_a_shopper_who_is_revoked_is_led_to_the_portal_again(shop, phone, open_browser):
    browser = open_browser()
    log_in(shop, browser)
    browser.press("#go-online")
    browser.open(f"http://{WEB_NAME}/")
    assert browser.text("#internet")
    shop.gate.revoke(phone.mac)

    browser.open(f"http://{WEB_NAME}/")
    assert browser.address.startswith(PORTAL_URL)
