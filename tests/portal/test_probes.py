import io

import pytest

from portal.probes import PROBES, Redirect

URL = "http://wifi.example"


def ask(host, path="/", method="GET", portal_url=URL):
    """Status, headers and body that a request for `host` gets; None if it is passed on."""
    answer = {}

    def passed_on(environ, start_response):
        start_response("200 OK", [])
        return [b"the portal itself"]

    def start_response(status, headers):
        answer["status"], answer["headers"] = status, dict(headers)

    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "wsgi.input": io.BytesIO(),
    } | ({"HTTP_HOST": host} if host is not None else {})
    body = b"".join(Redirect(passed_on, portal_url)(environ, start_response))
    return None if body == b"the portal itself" else (answer["status"], answer["headers"], body)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: f"{probe.maker} {probe.host}")
def test_each_makers_probe_finds_the_portal(probe):
    status, headers, body = ask(probe.host, probe.path)

    assert status == "302 Found"
    assert headers["Location"] == f"{URL}/"
    assert headers["Cache-Control"] == "no-store"
    assert 4 < len(body) < 512
    assert b"success" not in body.lower()
    assert int(headers["Content-Length"]) == len(body)


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("news.example", id="any page"),
        pytest.param("news.example:8080", id="any port"),
        pytest.param("192.0.2.80", id="an address"),
        pytest.param("[2001:db8::1]:80", id="an IPv6 address"),
        pytest.param("wifi.example.evil.example", id="our name in front"),
        pytest.param("notwifi.example", id="our name behind"),
        pytest.param("", id="empty"),
        pytest.param(None, id="none"),
    ],
)
def test_whatever_is_not_ours_finds_the_portal(host):
    assert ask(host)[0] == "302 Found"


@pytest.mark.parametrize(
    "host", ["wifi.example", "WiFi.Example", "wifi.example.", "wifi.example:8080"]
)
def test_what_is_ours_is_passed_on(host):
    assert ask(host) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://[fd50::1]:8080", "[fd50::1]:8080"),
        ("https://wifi.example/", "wifi.example"),
    ],
)
def test_the_portal_never_redirects_to_where_it_would_redirect_again(url, host):
    assert ask(host, portal_url=url) is None
    assert ask("news.example", portal_url=url)[1]["Location"] == url.rstrip("/") + "/"


def test_a_probe_asked_of_us_by_our_own_name_is_redirected_too():
    assert ask("wifi.example", "/generate_204")[0] == "302 Found"


def test_a_head_request_gets_no_body():
    assert ask("news.example", method="HEAD")[2] == b""


def test_a_foreign_form_does_not_reach_the_pages(app, carrier):
    answer = app.test_client().post(
        "/login", base_url="http://evil.example", data={"phone": "13800138000", "terms": "yes"}
    )

    assert answer.status_code == 302
    assert carrier.sent == []
