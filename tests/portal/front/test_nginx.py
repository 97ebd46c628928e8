"""What phones get from a real nginx with our configuration, and what the portal gets of it."""

import concurrent.futures
import re
import socket
from urllib.parse import urlencode

import pytest

from portal.probes import PROBES, Redirection
from tests.portal.front.fronted import NAME

APPLE = "CaptiveNetworkSupport-481.100.3 wispr"
# nginx's own words; the portal's are others.
BY_NGINX, BY_PORTAL = "Moved Temporarily", "Found"
NUMBERS = iter(range(100))


def new_number():
    return f"138001380{next(NUMBERS):02}"


def ask_code(fronted, number, phone, **headers):
    form = urlencode({"phone": number, "terms": "yes"})
    return fronted.ask("/login", method="POST", body=form, phone=phone, **headers)


@pytest.mark.parametrize("kind", ["fronted", "secure", "abandoned"])
def test_every_probe_gets_the_portals_answer(kind, request):
    fronted = request.getfixturevalue(kind)
    redirection = Redirection(fronted.url)
    for number, probe in enumerate(PROBES):
        phone = f"127.0.2.{number + 1}"
        reply = fronted.ask(probe.path, host=probe.host, phone=phone)

        assert reply.status == 302, probe
        assert dict(redirection.headers).items() <= reply.headers.items()
        assert reply.headers["Connection"] == "close"
        assert reply.body == redirection.body


@pytest.mark.parametrize("host", ["G.CN", "g.cn.", "g.cn:8080", "192.0.2.1", "[2001:db8::1]:80"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PUT"])
def test_whatever_is_asked_of_others_is_redirected_without_the_portal(fronted, host, method):
    reply = fronted.ask("/a?b=c", host=host, method=method)

    assert (reply.status, reply.reason) == (302, BY_NGINX)
    assert reply.headers["Location"] == f"{fronted.url}/"
    assert reply.headers["Connection"] == "close"
    assert reply.body == ("" if method == "HEAD" else Redirection(fronted.url).body)


@pytest.mark.parametrize(
    ("host", "agent", "reason"),
    [
        pytest.param("g.cn", APPLE, BY_PORTAL, id="apple's name"),
        pytest.param("captive.apple.com", "curl", BY_PORTAL, id="apple's host"),
        pytest.param("CAPTIVE.apple.com.:80", "curl", BY_PORTAL, id="apple's host in capitals"),
        pytest.param("g.cn", f"x {APPLE}", BY_NGINX, id="not in front"),
        pytest.param("notcaptive.apple.com", "curl", BY_NGINX, id="another host of apple's"),
    ],
)
def test_what_apples_phones_ask_is_for_the_portal_to_answer(fronted, host, agent, reason):
    reply = fronted.ask("/hotspot-detect.html", host=host, User_Agent=agent)

    assert (reply.status, reply.reason) == (302, reason)
    assert reply.headers["Connection"] == "close"


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", id="no host"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no host though there must be one"),
        pytest.param(b"GET / HTTP/1.1\r\nHost:\r\n\r\n", id="an empty host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", id="two words for a host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a/../b\r\n\r\n", id="a path for a host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", id="an open bracket"),
        pytest.param(f"GET / HTTP/1.1\r\nHost: {NAME}\r\nHost: g.cn\r\n\r\n".encode(), id="two"),
        pytest.param(
            f"GET http://g.cn/ HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode(), id="to a proxy"
        ),
        pytest.param(b"GET / HTTP/9.9\r\nHost: g.cn\r\n\r\n", id="a version to come"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP 2"),
        pytest.param(b"CONNECT g.cn:443 HTTP/1.1\r\nHost: g.cn\r\n\r\n", id="connect"),
        pytest.param(b"TRACE / HTTP/1.1\r\nHost: g.cn\r\n\r\n", id="trace"),
        pytest.param(b"GET /../../etc HTTP/1.1\r\nHost: g.cn\r\n\r\n", id="above the root"),
        pytest.param(b"GET /%00 HTTP/1.1\r\nHost: g.cn\r\n\r\n", id="a zero"),
        pytest.param(b"GET /-/redirection HTTP/1.1\r\nHost: g.cn\r\n\r\n", id="our inner name"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: g.cn\r\nIf-Match: x\r\n\r\n", id="a condition"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: g.cn\r\nRange: bytes=0-3\r\n\r\n", id="a part"),
        pytest.param(b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: g.cn\r\n\r\n", id="long"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: g.cn\r\nCookie: " + b"a" * 60_000 + b"\r\n\r\n", id="cookies"
        ),
        pytest.param(b"POST / HTTP/1.1\r\nHost: g.cn\r\nContent-Length: -1\r\n\r\n", id="minus"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: g.cn\r\nTransfer-Encoding: gzip\r\n\r\n", id="an encoding"
        ),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", id="TLS"),
        pytest.param(b"\x00\x01\x02\x03\r\n\r\n", id="octets"),
    ],
)
def test_whatever_is_sent_to_port_80_finds_the_portal_and_never_an_open_way(fronted, octets):
    answer = fronted.exchange(octets).decode()

    assert answer.startswith("HTTP/1.1 302 ")
    assert f"\r\nLocation: {fronted.url}/\r\n" in answer
    assert "\r\nConnection: close\r\n" in answer
    assert answer.endswith(Redirection(fronted.url).body)


def test_even_a_request_of_1991_gets_the_way_to_the_portal(fronted):
    # HTTP/0.9 has no status that could be wrong.
    assert fronted.exchange(b"GET /generate_204\r\n").decode() == Redirection(fronted.url).body


def test_the_portals_pages_come_by_its_own_name_with_its_headers(fronted):
    reply = fronted.ask("/", phone="127.0.3.1")

    assert reply.status == 200
    assert 'id="phone"' in reply.body
    assert reply.headers["Connection"] == "close"
    assert "form-action 'self'" in reply.headers["Content-Security-Policy"]
    assert reply.headers["Cache-Control"] == "no-store"
    # No version: it would say what to try.
    assert reply.headers["Server"] == "nginx"


@pytest.mark.parametrize("path", ["/generate_204", "/hotspot-detect.html", "/connecttest.txt"])
def test_a_probe_by_our_own_name_is_redirected_too(fronted, path):
    assert fronted.ask(path).headers["Location"] == f"{fronted.url}/"


def test_the_style_sheet_is_not_sent_twice(fronted):
    first = fronted.ask("/static/portal.css")

    assert first.status == 200
    assert fronted.ask("/static/portal.css", If_None_Match=first.headers["ETag"]).status == 304


def test_a_foreign_form_is_refused_and_our_own_is_not(fronted):
    phone = "127.0.3.2"

    assert ask_code(fronted, new_number(), phone, Origin="http://evil.example").status == 403
    # Nobody carries the code here, so much is known by then.
    assert ask_code(fronted, new_number(), phone, Origin=fronted.url).status == 503


@pytest.mark.parametrize(
    "header",
    ["X-Real-IP", "x-real-ip", "X_Real_IP", "X-Forwarded-For", "Forwarded", "Client-IP", "Via"],
)
def test_a_phone_that_writes_anothers_address_is_still_itself(fronted, header):
    victim, thief = "127.0.3.3", "127.0.3.4"
    ask_code(fronted, new_number(), victim)
    assert fronted.ask("/", phone=victim).headers["Location"] == "/code"
    for value in (victim, f"for={victim}", f"{thief}, {victim}"):
        reply = fronted.ask("/", phone=thief, **{header: value})

        assert reply.status == 200
        assert 'id="phone"' in reply.body


def test_whoever_comes_past_the_web_server_is_nobody(fronted):
    """As another program on the box could, if it may open the socket."""
    path = fronted.folder / "data" / "portal.sock"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(f"GET / HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer.split()[1] == b"403"


def test_a_phone_that_asks_too_often_is_asked_to_wait_and_others_are_not(fronted):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(fronted.ask, "/robots.txt", phone="127.0.3.5") for _ in range(300)]
        replies = [each.result() for each in asking]
    refused = [reply for reply in replies if reply.status == 429]

    assert {reply.status for reply in replies} == {200, 429}
    assert refused[0].headers["Retry-After"] == "10"
    assert "请稍等" in refused[0].body
    assert "One moment" in refused[0].body
    assert fronted.ask("/robots.txt", phone="127.0.3.6").status == 200
    # Its probes still find the portal, Apple's too.
    assert fronted.ask("/", host="g.cn", phone="127.0.3.5").status == 302
    assert fronted.ask("/", host="captive.apple.com", phone="127.0.3.5").status == 302


def test_a_form_that_is_too_long_leads_to_the_first_page(fronted):
    reply = fronted.ask("/login", method="POST", body="a" * 9000, phone="127.0.3.7")

    assert reply.headers["Location"] == f"{fronted.url}/"


def test_without_the_portal_a_page_says_so_kindly(abandoned):
    reply = abandoned.ask("/")

    assert reply.status == 503
    assert reply.headers["Retry-After"] == "10"
    assert reply.headers["Cache-Control"] == "no-store"
    assert "请稍等" in reply.body


@pytest.mark.parametrize("agent", [APPLE, "curl"])
def test_without_the_portal_probes_are_redirected_still(abandoned, agent):
    reply = abandoned.ask("/hotspot-detect.html", host="captive.apple.com", User_Agent=agent)

    assert (reply.status, reply.reason) == (302, BY_NGINX)


def test_no_log_names_a_phone_or_what_it_asked(abandoned):
    for octets in (
        b"GET /secret HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET /secret HTTP/1.1\r\nHost: g.cn\r\n\r\n",
        b"GET /secret HTTP/1.1\r\nHost: captive.apple.com\r\n\r\n",
        f"GET /secret HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode(),
        f"POST /secret HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 9999\r\n\r\n".encode(),
    ):
        assert abandoned.exchange(octets, phone="127.0.3.8")
    written = re.sub(
        r"(?m)^.*the \"user\" directive makes sense only.*$", "", abandoned.words("nginx")
    )

    assert written.strip() == ""
    assert [file for file in (abandoned.folder / "front").rglob("*") if file.suffix == ".log"] == []
