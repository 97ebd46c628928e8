import json

import pytest

from core import log
from tests.analytics.dashboard.test_guard import OURS, PASSWORD, sign_in

BY_HTTPS = {"base_url": "https://box.example"}


def sign_in_by_https(client):
    return client.post(
        "/sign-in",
        data={"name": "alice", "password": PASSWORD},
        headers={"Origin": "https://box.example"},
        **BY_HTTPS,
    )


def test_by_https_the_cookie_is_of_this_host_and_of_https_alone(charlie):
    cookie = sign_in_by_https(charlie).headers["Set-Cookie"]

    assert cookie.startswith("__Host-doorman_dashboard=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert charlie.get("/", **BY_HTTPS).status_code == 200


def test_a_cookie_that_http_has_set_opens_nothing_by_https(charlie):
    """Somebody on the way can have a browser keep one; by its name it is not the one asked for."""
    sign_in(charlie)
    planted = charlie.get_cookie("doorman_dashboard").value
    charlie.set_cookie("doorman_dashboard", planted, domain="box.example")

    assert charlie.get("/", **BY_HTTPS).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/", "/no-such-page", "/static/dashboard.css"])
def test_by_https_browsers_are_held_to_it(charlie, path):
    answer = charlie.get(path, buffered=True, **BY_HTTPS)

    assert answer.headers["Strict-Transport-Security"] == "max-age=15768000"
    assert "Strict-Transport-Security" not in charlie.get(path, buffered=True).headers


def test_nobody_is_held_to_https_at_the_portals_own_name(charlie, settings):
    answer = charlie.get("/sign-in", base_url=settings.portal.url.replace("http:", "https:"))

    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers


def test_signing_out_clears_what_pages_left_in_the_browser(alice):
    assert alice.post("/sign-out", headers=OURS).headers["Clear-Site-Data"] == '"cache", "storage"'


def test_what_is_refused_is_a_line_without_what_was_in_it(charlie, capsys):
    log.configure()
    answer = charlie.post("/sign-in", data=b"name=zq", content_type="text/zq", headers=OURS)
    line = json.loads(capsys.readouterr().err)

    assert answer.status_code == 415
    assert (line["event"], line["endpoint"], line["status"]) == (
        "request refused",
        "sign_in.submit",
        415,
    )
    assert "zq" not in json.dumps(line)
