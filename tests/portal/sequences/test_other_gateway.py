"""The whole way in a store that keeps its UniFi gateway: a real browser, a real gate's program."""

import contextlib
import dataclasses
import http.server
import os
import subprocess
import sys
import threading
import time

import pytest
import trustme
from playwright.sync_api import expect
from werkzeug.serving import make_server

from core.models.consent import Consent, Purpose
from core.models.member import Member
from core.outbox import EventType
from core.setting_groups.network import GateKind, GateSettings
from core.setting_groups.portal import NeighboursKind, PortalSettings
from gate.client import GateClient, GateError
from portal.application import create_app
from portal.neighbours import GuestsOfGateway
from tests.fakes.unifi import PASSWORD, USER, FakeConsole
from tests.portal.conftest import NUMBER

pytestmark = pytest.mark.browser

ALICE = "02:00:00:00:00:0a"
SUCCESS = "<html><body>Success</body></html>"
SMALL = {"width": 390, "height": 844}


class AccessPoint(http.server.ThreadingHTTPServer):
    """Leads guests who are not let in to the portal; the others reach what they asked for."""

    daemon_threads = True

    def __init__(self, console):
        super().__init__(("127.0.0.1", 0), _Redirector)
        self.console, self.portal_url = console, ""
        self.url = f"http://127.0.0.1:{self.server_port}/hotspot-detect.html"


class _Redirector(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        console = self.server.console
        if console.is_open(ALICE):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(SUCCESS.encode())
            return
        self.send_response(302)
        wanted = "http://evil.example/after"
        self.send_header("Location", self.server.portal_url + console.redirect(ALICE, wanted))
        self.end_headers()

    def log_message(self, *_):
        """Tests are quiet."""


@contextlib.contextmanager
def served(server):
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def console(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    with FakeConsole(authority) as console:
        console.connect(ALICE, "127.0.0.1")
        yield console


@pytest.fixture
def gate(settings, tmp_path, console):
    """The program that holds the console's password, and its client."""
    settings.data_dir.mkdir(exist_ok=True)
    given = {
        "DATA_DIR": settings.data_dir,
        "GATE__KIND": "unifi",
        "PORTAL__NEIGHBOURS": "redirect",
        "CLONES__CHALLENGES": "0",
        "UNIFI__URL": console.url,
        "UNIFI__USERNAME": USER,
        "UNIFI__PASSWORD": PASSWORD,
        "UNIFI__CA_FILE": tmp_path / "authority.pem",
        "UNIFI__READ_EVERY_S": 1,
    }
    env = os.environ | {f"DOORMAN_{name}": str(value) for name, value in given.items()}
    program = subprocess.Popen(
        [sys.executable, "-I", "-m", "gear"], env=env, stderr=subprocess.PIPE, text=True
    )
    client = GateClient(settings.gate_socket)
    try:
        _until(lambda: _has_read(client, program))
        yield client
    finally:
        program.terminate()
        _, written = program.communicate(timeout=20)
        assert program.returncode == 0
        for secret in (PASSWORD, ALICE, "127.0.0.1"):
            assert secret not in written


def _has_read(client, program):
    assert program.poll() is None
    with contextlib.suppress(GateError):
        client.online()
        return True
    return False


def _until(is_so):
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def access_point(parts, gate, console):
    with served(make_server("127.0.0.1", 0, lambda *_: [], threaded=True)) as server:
        url = f"http://127.0.0.1:{server.port}"
        portal = PortalSettings(url=url, neighbours=NeighboursKind.REDIRECT)
        settings = parts.settings.model_copy(
            update={"portal": portal, "gate": GateSettings(kind=GateKind.UNIFI)}
        )
        neighbours = GuestsOfGateway(gate)
        server.app = create_app(
            dataclasses.replace(parts, settings=settings, neighbours=neighbours)
        )
        with served(AccessPoint(console)) as access_point:
            access_point.portal_url = url
            yield access_point


@pytest.fixture
def open_sheet(chromium, access_point):
    browser, device = chromium
    opened = []

    def open_new():
        """As a phone opens it: with what its maker's probe was led to, and no cookies."""
        opened.append(browser.new_context(**device | {"viewport": SMALL}, locale="zh-CN"))
        page = opened[-1].new_page()
        page.goto(access_point.url)
        return page

    yield open_new
    for context in opened:
        context.close()


def test_from_the_gateways_redirect_to_the_internet(open_sheet, access_point, carrier, rows, news):
    console = access_point.console
    page = open_sheet()
    assert page.url == access_point.portal_url + "/"
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.fill("#phone", NUMBER)
    page.check("#terms")
    page.click("#next")
    expect(page.locator("#code")).to_be_visible()
    page.context.close()

    # A sheet that is closed for the text message is opened anew by the gateway's redirect.
    page = open_sheet()
    page.fill("#code", carrier.code)
    page.click("#next")
    page.check("#membership")
    page.click("#go-online")
    expect(page.locator("#online")).to_be_visible()
    assert page.url == access_point.portal_url + "/online"
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]

    assert console.is_open(ALICE)
    assert page.goto(access_point.url).text() == SUCCESS
    assert len(rows(Member)) == 1
    assert Purpose.MEMBERSHIP in {row.purpose for row in rows(Consent)}
    assert news(EventType.MEMBER_ENROLLED)

    page.goto(access_point.portal_url)
    page.click("#logout")
    expect(page.locator("#phone, #continue").first).to_be_visible()
    assert not console.is_open(ALICE)


def test_who_is_not_known_yet_is_let_on_once_the_console_knows(
    open_sheet, access_point, console, gate
):
    was = console.leave(ALICE)
    _until(lambda: gate.phone_at("127.0.0.1") is None)
    page = open_sheet()
    expect(page.locator("h1")).to_have_text("请稍等")
    with console.lock:
        console.clients[ALICE] = was

    expect(page.locator("#phone")).to_be_visible(timeout=15_000)
    assert page.url == access_point.portal_url + "/"
