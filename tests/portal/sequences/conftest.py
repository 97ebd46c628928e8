import dataclasses
import threading

import pytest
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from portal.application import create_app
from tests.portal.sequences.air import Air
from tests.portal.sequences.handsets import Android, Iphone


@pytest.fixture
def air(app, gate, clock):
    return Air(app, gate, clock)


@pytest.fixture
def iphone(air):
    return Iphone(air, "127.0.0.11")


@pytest.fixture
def android(air):
    return Android(air, "127.0.0.12")


@pytest.fixture(params=[Iphone, Android])
def handset(request, air):
    """Whichever of the two: what is claimed holds for both."""
    return request.param(air, "127.0.0.13")


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
