"""Every row of the table of probes, and whatever else phones ask of us that is not ours."""

import io
import tomllib
from pathlib import Path

import pytest

from portal import probes
from portal.probes import PATHS, PROBES, Answer, KnownFrom, Redirect
from tests.portal.sequences.verdict import Verdict, judge

URL = "http://wifi.example"
APPLE_AGENT = "CaptiveNetworkSupport-481.120.1 wispr"
APPLE_PATH = "/hotspot-detect.html"
each_probe = pytest.mark.parametrize(
    "probe", PROBES, ids=lambda probe: f"{probe.maker} {probe.host}{probe.path}"
)


def ask(host, path="/", method="GET", portal_url=URL, **how):
    """Status, headers and body that a request for `host` gets; None if it is passed on.

    It is sent by `agent`; `vouches_for` says who has an iPhone's pass.
    """
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
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_USER_AGENT": how.get("agent", ""),
    } | ({"HTTP_HOST": host} if host is not None else {})
    vouches_for = how.get("vouches_for", lambda _address: False)
    body = b"".join(Redirect(passed_on, portal_url, vouches_for)(environ, start_response))
    return None if body == b"the portal itself" else (answer["status"], answer["headers"], body)


@each_probe
def test_each_makers_probe_finds_the_portal(probe):
    status, headers, body = ask(probe.host, probe.path)

    assert status == "302 Found"
    assert headers["Location"] == f"{URL}/"
    assert headers["Cache-Control"] == "no-store"
    assert 4 < len(body) < 512
    assert b"success" not in body.lower()
    assert int(headers["Content-Length"]) == len(body)


@each_probe
def test_each_makers_phone_takes_our_answer_for_a_portal(probe):
    status, headers, body = ask(probe.host, probe.path)

    assert judge(probe, int(status[:3]), body.decode(), headers["Location"]) is Verdict.PORTAL


@each_probe
def test_each_makers_phone_takes_what_its_maker_answers_for_an_open_way(probe):
    """Else the test above could not fail."""
    assert judge(probe, probe.answer.status, probe.answer.body) is Verdict.OPEN


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_behind_the_redirect_is_no_open_way_for_any_maker(phone, language):
    page = phone.get("/", Accept_Language=language)

    assert page.status_code == 200
    assert {judge(probe, 200, page.text) for probe in PROBES} == {Verdict.PORTAL}
    assert "success" not in page.text.lower()


class Asked:
    """Says yes of everybody, and keeps of whom it was asked."""

    def __init__(self):
        self.addresses = []

    def __call__(self, address):
        self.addresses.append(address)
        return True


@each_probe
def test_with_an_iphones_pass_apples_probes_succeed_and_no_others(probe):
    asked = Asked()
    status, headers, body = ask(probe.host, probe.path, vouches_for=asked)

    verdict = judge(probe, int(status[:3]), body.decode(), headers.get("Location"))
    if probe.maker == "Apple":
        assert verdict is Verdict.OPEN
        assert (status, body.decode()) == ("200 OK", probe.answer.body)
        assert headers["Cache-Control"] == "no-store"
        assert int(headers["Content-Length"]) == len(body)
        assert asked.addresses == ["192.0.2.7"]
    else:
        assert verdict is Verdict.PORTAL
        assert asked.addresses == [], "a look-up that costs others something"


@pytest.mark.parametrize(
    ("host", "path", "agent", "status"),
    [
        pytest.param("new.apple.example", "/x", APPLE_AGENT, "200 OK", id="any host, by name"),
        pytest.param("CAPTIVE.apple.com.", APPLE_PATH, "", "200 OK", id="as phones please"),
        pytest.param("captive.apple.com", "/other", "", "302 Found", id="another page of it"),
        pytest.param("news.example", APPLE_PATH, "", "302 Found", id="another host"),
        pytest.param("news.example", "/", f"x {APPLE_AGENT}", "302 Found", id="the name within"),
        pytest.param("wifi.example", APPLE_PATH, APPLE_AGENT, "302 Found", id="of us"),
    ],
)
def test_what_is_taken_for_apples_probe(host, path, agent, status):
    assert ask(host, path, agent=agent, vouches_for=Asked())[0] == status


def test_with_a_pass_our_own_pages_are_still_our_own():
    assert ask("wifi.example", "/pass", agent=APPLE_AGENT, vouches_for=Asked()) is None


@pytest.mark.parametrize(("method", "status"), [("HEAD", "200 OK"), ("POST", "302 Found")])
def test_with_a_pass_apples_page_is_only_read(method, status):
    answer = ask("captive.apple.com", APPLE_PATH, method, vouches_for=Asked())

    assert answer[0] == status
    assert bool(answer[2]) is (method == "POST")


@each_probe
def test_without_a_pass_apples_name_opens_nothing(probe):
    assert ask(probe.host, probe.path, agent=APPLE_AGENT) == ask(probe.host, probe.path)


@each_probe
def test_the_open_answer_is_not_ours_to_give_not_even_to_who_is_online(probe, phone):
    phone.go_online()
    led_to = []
    answer = phone.get(probe.path, Host=probe.host)
    while answer.location:
        led_to.append(answer.location)
        assert len(led_to) <= 2, "in circles"
        answer = phone.get(answer.location)

    assert led_to == [f"{URL}/", "/online"]
    assert 'id="online"' in answer.text
    assert "success" not in answer.text.lower()


@each_probe
@pytest.mark.parametrize(
    "write",
    [
        pytest.param(str.upper, id="in capitals"),
        pytest.param("{}.".format, id="with the dot of the root"),
        pytest.param("{}:80".format, id="with the port"),
        pytest.param("{}.:8080".format, id="with both"),
    ],
)
def test_a_host_may_be_written_as_phones_please(probe, write):
    assert ask(write(probe.host), probe.path) == ask(probe.host, probe.path)


def test_the_table_is_as_wide_as_the_street():
    assert len(PROBES) >= 34
    assert len({(probe.host, probe.path) for probe in PROBES}) == len(PROBES)
    chinese = {"Huawei", "Honor", "Xiaomi", "OPPO", "vivo", "Samsung", "Qualcomm", "Meizu"}
    assert chinese <= {probe.maker for probe in PROBES}


def test_every_answer_in_the_file_is_used_and_every_row_is_plain():
    table = tomllib.loads(Path(probes.__file__).with_name("probes.toml").read_text("utf-8"))

    assert set(table["answers"]) == {
        row["answer"] for rows in table["probes"].values() for row in rows
    }
    for probe in PROBES:
        assert probe.host == probe.host.lower().strip(".")
        assert probe.path.startswith("/")


def test_a_row_says_how_sure_it_is():
    known_from = {probe.host: probe.known_from for probe in PROBES}

    assert known_from["captive.roku.com"] is KnownFrom.HEARSAY
    assert known_from["connectivitycheck.gstatic.com"] is KnownFrom.MAKER


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        pytest.param(204, "", Verdict.OPEN, id="no content"),
        pytest.param(200, "", Verdict.BROKEN, id="nothing"),
        pytest.param(200, "OK\r\n", Verdict.BROKEN, id="four bytes"),
        pytest.param(200, "<html>", Verdict.PORTAL, id="a page"),
        pytest.param(302, "", Verdict.PORTAL, id="a redirect"),
        pytest.param(404, "not found", Verdict.BROKEN, id="not found"),
        pytest.param(503, "later", Verdict.BROKEN, id="an error"),
    ],
)
def test_the_judge_of_these_tests_is_as_strict_as_android(status, body, verdict):
    (android,) = [probe for probe in PROBES if probe.host == "connectivitycheck.gstatic.com"]

    assert android.answer == Answer(204)
    assert judge(android, status, body) is verdict


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("news.example", id="any page"),
        pytest.param("news.example:8080", id="any port"),
        pytest.param("192.0.2.80", id="an address"),
        pytest.param("[2001:db8::1]", id="an IPv6 address"),
        pytest.param("[2001:db8::1]:80", id="an IPv6 address and a port"),
        pytest.param("[fe80::1%25wlan0]:80", id="an IPv6 address of a link"),
        pytest.param("2001:db8::1", id="an IPv6 address without brackets"),
        pytest.param("[2001:db8::1", id="a bracket that does not close"),
        pytest.param("wifi.example.evil.example", id="our name in front"),
        pytest.param("notwifi.example", id="our name behind"),
        pytest.param("wifi.example@evil.example", id="our name as a user"),
        pytest.param(":80", id="a port alone"),
        pytest.param("", id="empty"),
        pytest.param(None, id="none"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/generate_204", "/captive-portal/api"])
def test_whatever_is_not_ours_finds_the_portal(host, path):
    status, headers, _ = ask(host, path)

    assert status == "302 Found"
    assert headers["Location"] == f"{URL}/"


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
        ("http://[fd50::1]", "[FD50::1]:80"),
        ("https://wifi.example/", "wifi.example"),
    ],
)
def test_the_portal_never_redirects_to_where_it_would_redirect_again(url, host):
    assert ask(host, portal_url=url) is None
    assert ask("news.example", portal_url=url)[1]["Location"] == url.rstrip("/") + "/"


@pytest.mark.parametrize("path", sorted(PATHS))
def test_a_probe_asked_of_us_by_our_own_name_is_redirected_too(path):
    assert ask("wifi.example", path)[0] == "302 Found"


def test_our_first_page_is_a_page_though_some_makers_probe_asks_for_that_path():
    assert any(probe.path == "/" for probe in PROBES)
    assert ask("wifi.example", "/") is None


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "PUT", "CONNECT"])
def test_whatever_is_done_to_a_foreign_page_finds_the_portal(method):
    assert ask("news.example", method=method)[0] == "302 Found"


def test_a_head_request_gets_no_body():
    assert ask("news.example", method="HEAD")[2] == b""


def test_a_foreign_form_does_not_reach_the_pages(app, carrier):
    answer = app.test_client().post(
        "/login", base_url="http://evil.example", data={"phone": "13800138000", "terms": "yes"}
    )

    assert answer.status_code == 302
    assert carrier.sent == []
