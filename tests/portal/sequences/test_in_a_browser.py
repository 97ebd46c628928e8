"""What no test client knows: what a real browser keeps, and asks for again, on the way back."""

import dataclasses
import threading

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

from portal.application import create_app
from tests.portal.conftest import NUMBER

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser, playwright.devices["iPhone 14"]
        browser.close()


@pytest.fixture
def portal_url(parts):
    server = make_server("127.0.0.1", 0, lambda _environ, _start: [], threaded=True)
    url = f"http://127.0.0.1:{server.port}"
    at_port = parts.settings.portal.model_copy(update={"url": url})
    ours = parts.settings.model_copy(update={"portal": at_port})
    server.app = create_app(dataclasses.replace(parts, settings=ours))
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield url
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def open_sheet(chromium, portal_url):
    """A sheet that knows nothing of those before it."""
    browser, device = chromium
    opened = []

    def open_new():
        opened.append(browser.new_context(**device, locale="en"))
        page = opened[-1].new_page()
        page.goto(portal_url)
        return page

    yield open_new
    for context in opened:
        context.close()


def give_number(page):
    page.fill("#phone", NUMBER)
    page.check("#terms")
    page.click("#next")
    expect(page.locator("#code")).to_be_visible()


def enter_code(page, carrier):
    page.fill("#code", carrier.code)
    page.click("#next")
    expect(page.locator("#go-online")).to_be_visible()


def go_back_and_on(page, portal_url, *, sent_on, expected):
    """Back; if an old page is shown all the same, send its form again."""
    page.go_back()
    if not page.locator(expected).count():
        sent_on()
    expect(page.locator(expected)).to_be_visible()
    assert page.url.startswith(portal_url)


def test_going_back_at_every_step_ends_where_the_phone_stands(open_sheet, portal_url, carrier):
    page = open_sheet()
    give_number(page)
    go_back_and_on(page, portal_url, sent_on=lambda: give_number(page), expected="#code")
    enter_code(page, carrier)
    go_back_and_on(
        page, portal_url, sent_on=lambda: enter_code(page, carrier), expected="#go-online"
    )
    page.click("#go-online")
    expect(page.locator("#online")).to_be_visible()
    go_back_and_on(page, portal_url, sent_on=lambda: page.click("#go-online"), expected="#online")
    page.reload()
    expect(page.locator("#online")).to_be_visible()
    assert len(carrier.sent) == 1


def test_a_sheet_that_is_closed_at_every_step_loses_nothing(open_sheet, carrier):
    page = open_sheet()
    give_number(page)
    page.context.close()

    page = open_sheet()
    enter_code(page, carrier)
    page.context.close()

    page = open_sheet()
    page.click("#go-online")
    expect(page.locator("#online")).to_be_visible()
    assert len(carrier.sent) == 1


def test_two_tabs_of_one_browser_end_on_the_right_page(open_sheet, portal_url, carrier):
    first = open_sheet()
    give_number(first)
    second = first.context.new_page()
    second.goto(portal_url)
    expect(second.locator("#code")).to_be_visible()

    enter_code(first, carrier)
    first.click("#go-online")
    expect(first.locator("#online")).to_be_visible()
    second.fill("#code", carrier.code)
    second.click("#next")
    expect(second.locator("#online")).to_be_visible()
