import datetime as dt

import pytest
import sqlalchemy as sa

from analytics.dashboard import application, guard
from analytics.dashboard.site import PARTS
from core.models.user import User

OURS = {"Origin": "http://localhost"}
PASSWORD = "correct horse battery"


def sign_in(client, name="alice", password=PASSWORD, headers=OURS):
    return client.post("/sign-in", data={"name": name, "password": password}, headers=headers)


def every_way_in(app):
    """Each rule and method that is not meant for strangers, and an address of none."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in guard.OPEN:
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield method, rule.rule
    yield "GET", "/no-such-page"


def test_a_stranger_is_sent_to_sign_in_from_everywhere(app, charlie, enrol, traffic, today):
    enrol()
    traffic(today)

    for method, address in every_way_in(app):
        response = charlie.open(address, method=method, headers=OURS)

        assert (response.status_code, response.location) == (303, "/sign-in"), address
        assert "138" not in response.text
        assert "840" not in response.text


def test_the_manager_gets_every_page_of_theirs(app, alice, traffic, today):
    traffic(today)
    pages = [address for method, address in every_way_in(app) if method == "GET"]
    # Of one campaign or source, of which there is none; and a sheet that nobody here has.
    pages = [each for each in pages if "<" not in each and each != "/static/portal.css"]
    # Of a second factor that nobody is setting up; files of figures that there are not yet.
    pages = [each for each in pages if not each.startswith("/account/totp")]
    pages = [each for each in pages if not each.endswith(".csv")]
    # Of the privacy officer alone.
    pages = [each for each in pages if not each.startswith("/access-log")]

    answers = {address: alice.get(address).status_code for address in pages}

    assert answers.pop("/no-such-page") == 404
    assert set(answers.values()) == {200}
    assert len(answers) > 15


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("alice", "wrong horse battery", id="wrong-password"),
        pytest.param("bob", PASSWORD, id="unknown-name"),
        pytest.param("alice", "", id="no-password"),
        pytest.param("", "", id="nothing"),
        pytest.param("ALICE", PASSWORD, id="other-capitals"),
        pytest.param("alice", "x" * 10_000, id="endless-password"),
    ],
)
def test_a_wrong_sign_in_stays_outside(charlie, name, password):
    assert sign_in(charlie, name, password).status_code == 403
    assert charlie.get("/").status_code == 303


def test_the_sixth_try_in_a_row_is_not_even_looked_at(charlie, clock):
    tries = [sign_in(charlie, password="wrong").status_code for _ in range(5)]
    assert tries == [403] * 5

    assert sign_in(charlie).status_code == 429

    clock.now += dt.timedelta(minutes=15)
    assert sign_in(charlie).status_code == 303


def test_every_worker_process_and_a_restarted_one_counts_the_same(app, charlie):
    other = application.create_app(app.extensions[PARTS]).test_client()
    tries = [sign_in(each, password="wrong").status_code for each in (charlie, other) * 3]

    assert tries == [403] * 5 + [429]
    assert sign_in(other).status_code == 429


def test_who_does_nothing_is_out_though_the_page_fetches_itself(alice, clock):
    for _ in range(3):
        clock.now += dt.timedelta(minutes=8)
        assert alice.get("/?again=1").status_code == 200
        assert alice.get("/", headers={"Accept": "text/event-stream"}).status_code == 200

    clock.now += dt.timedelta(minutes=8)

    assert alice.get("/").status_code == 303


def test_a_session_ends_after_the_hours_set_however_busy(alice, clock):
    for _ in range(47):
        clock.now += dt.timedelta(minutes=15)
        assert alice.get("/").status_code == 200

    clock.now += dt.timedelta(minutes=15)

    assert alice.get("/").status_code == 303


def test_a_deleted_user_is_out_at_once(alice, database):
    with database.writing() as session:
        session.execute(sa.delete(User))

    assert alice.get("/members").status_code == 303


def test_signing_out_ends_the_session(alice):
    assert alice.post("/sign-out", headers=OURS).status_code == 303
    assert alice.get("/").status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Origin": "http://localhost"}, 303, id="our-origin"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 303, id="browser-says-ours"),
        pytest.param({"Origin": "http://evil.example"}, 403, id="another-origin"),
        pytest.param({"Origin": "http://localhost.evil.example"}, 403, id="lookalike"),
        pytest.param({"Origin": "http://localhost:8080"}, 403, id="the-portal-next-door"),
        pytest.param({"Origin": "null"}, 403, id="hidden-origin"),
        pytest.param({"Sec-Fetch-Site": "same-site", **OURS}, 403, id="another-port"),
        pytest.param({"Sec-Fetch-Site": "cross-site", **OURS}, 403, id="browser-says-foreign"),
        pytest.param({}, 403, id="says-nothing"),
    ],
)
def test_only_our_own_forms_change_anything(alice, headers, status):
    assert alice.post("/sign-out", headers=headers).status_code == status
    assert alice.get("/").status_code == (303 if status == 303 else 200)


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(charlie):
    cookie = sign_in(charlie).headers["Set-Cookie"]

    assert cookie.startswith("doorman_dashboard=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert PASSWORD not in cookie


def test_pages_allow_the_dashboards_own_scripts_alone_and_no_cache(alice):
    headers = alice.get("/members").headers
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert headers["Cache-Control"] == "no-store"


def test_a_huge_form_is_refused(charlie):
    assert sign_in(charlie, password="x" * 100_000).status_code == 413


def test_a_form_of_no_known_length_is_not_waited_for(charlie):
    answer = charlie.post("/sign-in", headers={**OURS, "Transfer-Encoding": "chunked"})

    assert answer.status_code == 411
