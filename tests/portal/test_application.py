import pytest

from gate.client import GateRefusedError

PAGES = ["/", "/privacy", "/no-such-page", "/captive-portal/api", "/robots.txt", "/favicon.ico"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_protects_itself(phone, path):
    headers = phone.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_other_sites_learn_no_address_of_ours(phone):
    """And yet browsers send us the `Origin` of our own forms: not so with `no-referrer`."""
    assert phone.get("/").headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "http://evil.example"}, id="other site"),
        pytest.param({"Origin": "https://wifi.example.evil.example"}, id="look-alike"),
        pytest.param({"Origin": "null"}, id="sandbox"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="fetch metadata"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="sister site"),
    ],
)
def test_another_sites_form_is_refused(phone, carrier, headers):
    answer = phone.post("/login", headers, phone="13800138000", terms="yes")

    assert answer.status_code == 403
    assert carrier.sent == []


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "http://wifi.example"}, id="origin"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, id="fetch metadata"),
        pytest.param({}, id="neither"),
    ],
)
def test_our_own_form_is_taken(phone, headers):
    assert phone.post("/login", headers, phone="13800138000", terms="yes").location == "/code"


def test_another_site_cannot_log_a_shopper_out(phone, gate):
    phone.go_online()
    phone.post("/logout", {"Origin": "http://evil.example"})

    assert gate.calls[-1][0] == "admit"


def test_a_form_that_is_too_large_is_refused(phone):
    assert phone.post("/login", phone="1" * 10_000).status_code == 413


def test_an_unknown_page_leads_to_the_first(phone):
    answer = phone.get("/no-such-page")

    assert answer.status_code == 404
    assert 'href="/?lang=zh"' in answer.text


def test_search_engines_stay_out(phone):
    assert phone.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_an_error_of_ours_is_a_plain_page(phone, gate):
    gate.error = ZeroDivisionError(phone.mac.text())
    phone.verify()
    answer = phone.post("/consent")

    assert answer.status_code == 500
    assert "我们的问题" in answer.text
    assert phone.mac.text() not in answer.text


def test_a_gate_that_refuses_leaves_the_shopper_offline(phone, gate):
    gate.error = GateRefusedError("seconds: must be a whole number")
    phone.verify()

    assert phone.post("/consent").status_code == 503
    assert phone.api()["captive"] is True


def test_the_demo_says_that_it_opened_nothing(phone, gate):
    gate.sort = "recording"
    phone.go_online()

    assert "演示" in phone.get("/online").text


def test_a_real_gate_is_not_called_a_demo(phone):
    phone.go_online()

    assert "演示" not in phone.get("/online").text
