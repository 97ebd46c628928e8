import concurrent.futures
import re
import socket
import subprocess
import time
from urllib.parse import urlsplit

import httpx
import pytest

from appliance.web_server import arguments
from core.database import Database
from core.models.every import metadata
from core.models.login import Login
from core.setting_groups.portal import PortalSettings
from core.setting_groups.sms import SmsSettings, WebhookSettings
from portal import wsgi

KEY = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def test_nothing_is_connected_before_workers_are_forked(settings):
    webhook = WebhookSettings(url="http://sms.example", signing_key=KEY)
    sms = SmsSettings(carriers=["webhook"], webhook=webhook)
    parts = wsgi.open_parts(settings.model_copy(update={"sms": sms}))

    pool = parts.database.engine.pool
    assert (pool.checkedin(), pool.checkedout()) == (0, 0)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A real gunicorn as the appliance starts it, on a port of its own."""
    data = tmp_path_factory.mktemp("served")
    database = Database(f"sqlite:///{data / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = arguments("portal.wsgi:create()", PortalSettings(port=port))
    with (data / "errors").open("w+") as errors:
        server = subprocess.Popen(
            command,
            env={
                "DOORMAN_DATA_DIR": str(data),
                "DOORMAN_PORTAL__URL": url,
                "DOORMAN_PORTAL__NEIGHBOURS": "loopback",
                "DOORMAN_GATE__KIND": "recording",
                # Nobody is there: every code fails to be sent, after it was written down.
                "DOORMAN_SMS__CARRIERS": '["webhook"]',
                "DOORMAN_SMS__WEBHOOK__URL": "http://127.0.0.1:9",
                "DOORMAN_SMS__WEBHOOK__SIGNING_KEY": KEY,
            },
            stderr=errors,
        )
        try:
            wait_for(url)
            yield url, database
        finally:
            server.terminate()
            server.wait(10)
            database.dispose()


def wait_for(url):
    for _ in range(200):
        try:
            httpx.get(f"{url}/robots.txt")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("gunicorn did not start")


def shopper(url, number):
    """One phone with an address of its own, asking for a code."""
    transport = httpx.HTTPTransport(local_address=f"127.0.1.{number}")
    with httpx.Client(transport=transport, base_url=url) as http:
        return http.post("/login", data={"phone": f"138{number:08}", "terms": "yes"}).status_code


def test_preloaded_workers_write_side_by_side(served):
    url, database = served
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda number: shopper(url, number), range(1, 25)))

    assert statuses == [503] * 24
    with database.reading() as session:
        assert session.query(Login).count() == 24


def test_a_foreign_request_is_redirected_and_its_connection_closed(served):
    answer = httpx.get(
        f"{served[0]}/generate_204", headers={"host": "connectivitycheck.gstatic.com"}
    )

    assert answer.status_code == 302
    assert answer.headers["location"] == f"{served[0]}/"
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "request_lines",
    [
        pytest.param("GET / HTTP/1.0", id="no host"),
        pytest.param("GET / HTTP/1.1", id="no host though there must be one"),
        pytest.param("GET /generate_204 HTTP/1.1\r\nHost: 192.0.2.7", id="an address"),
        pytest.param("GET / HTTP/1.1\r\nHost: [2001:db8::1]:80", id="an IPv6 address"),
        pytest.param("GET / HTTP/1.1\r\nHOST: CAPTIVE.APPLE.COM.", id="capitals and a dot"),
        pytest.param("GET http://g.cn/generate_204 HTTP/1.1\r\nHost: g.cn", id="as to a proxy"),
        pytest.param(
            "GET /generate_204 HTTP/1.1\r\nHost: g.cn\r\nConnection: keep-alive", id="kept alive"
        ),
        pytest.param("POST /form HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0", id="a form"),
    ],
)
def test_whatever_a_phone_sends_on_port_80_is_answered_once_and_redirected(served, request_lines):
    url = urlsplit(served[0])
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(f"{request_lines}\r\n\r\n".encode())
        # Until the server closes: else the next probe would come here, not to its maker.
        answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()

    assert answer.startswith("HTTP/1.")
    assert answer.split()[1] == "302"
    assert f"Location: {served[0]}/\r\n" in answer
    assert "Cache-Control: no-store" in answer


def test_pages_are_served_with_their_style(served):
    page = httpx.get(served[0])
    sheet = re.search(r'href="(/static/[^"]+)"', page.text)[1]

    assert page.status_code == 200
    assert httpx.get(served[0] + sheet).headers["content-type"].startswith("text/css")
