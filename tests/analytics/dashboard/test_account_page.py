"""One's own password and second factor, and signing in with a code."""

import base64
import dataclasses
import datetime as dt
import re

import pytest

from analytics.dashboard import accounts, totp
from analytics.dashboard.site import PARTS
from core.models.audit_entry import AuditEntry
from core.models.user import Role

HERE = {"Origin": "http://localhost"}
PASSWORD = "correct horse battery"
NEW = "another horse battery"


def post(client, address, **form):
    return client.post(address, data=form, headers=HERE)


def sign_in(client, password=PASSWORD):
    return post(client, "/sign-in", name="alice", password=password)


@pytest.fixture
def code_now(clock):
    """The code that an authenticator shows for the secret on a page."""

    def show(page, later=0):
        printed = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
        secret = base64.b32decode(printed)
        return totp.code(secret, int(clock.now.timestamp()) // totp.STEP_S + later)

    return show


@pytest.fixture
def codes(alice, code_now):
    """Alice has turned codes on: `codes(1)` is the one after that which confirmed it."""
    assert post(alice, "/account/totp/begin", password=PASSWORD).location == "/account/totp"
    page = alice.get("/account/totp").text
    answer = post(alice, "/account/totp/confirm", code=code_now(page))
    assert answer.location == "/account?done=totp_on"
    return lambda later: code_now(page, later)


def test_a_new_password_signs_out_all_other_browsers(app, alice):
    other = app.test_client()
    sign_in(other)

    answer = post(alice, "/account/password", current=PASSWORD, new=NEW, again=NEW)

    assert alice.get(answer.location).status_code == 200
    assert other.get("/").status_code == 303
    assert sign_in(other).status_code == 403
    assert sign_in(other, NEW).status_code == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"current": "wrong horse battery", "new": NEW, "again": NEW}, "密码不正确"),
        ({"current": PASSWORD, "new": "short", "again": "short"}, "请换一个"),
        ({"current": PASSWORD, "new": NEW, "again": NEW + "x"}, "两次输入不一样"),
        ({}, "密码不正确"),
    ],
)
def test_a_password_that_is_not_changed_says_why(alice, charlie, form, said):
    answer = post(alice, "/account/password", **form)

    assert answer.status_code == 422
    assert said in answer.text
    assert not any(len(value) > 5 and value in answer.text for value in form.values())
    assert sign_in(charlie).location == "/"


def test_whoever_finds_a_browser_open_cannot_try_out_passwords(alice):
    for _ in range(5):
        post(alice, "/account/password", current="wrong", new=NEW, again=NEW)

    assert "15 分钟" in post(alice, "/account/password", current=PASSWORD, new=NEW, again=NEW).text


def test_with_codes_on_the_password_alone_lets_nobody_in(charlie, codes):
    assert sign_in(charlie).location == "/sign-in/code"
    assert charlie.get("/").status_code == 303
    assert post(charlie, "/sign-in/code", code="000000x").status_code == 403

    assert post(charlie, "/sign-in/code", code=codes(1)).location == "/"
    assert charlie.get("/").status_code == 200


def test_a_code_lets_in_one_browser(app, charlie, codes):
    other = app.test_client()
    sign_in(charlie)
    sign_in(other)
    post(charlie, "/sign-in/code", code=codes(1))

    assert post(other, "/sign-in/code", code=codes(1)).status_code == 403


def test_a_code_without_the_password_lets_nobody_in(charlie, codes):
    assert post(charlie, "/sign-in/code", code=codes(1)).location == "/sign-in"
    assert charlie.get("/sign-in/code").location == "/sign-in"


def test_a_password_waits_five_minutes_for_its_code(charlie, codes, clock):
    sign_in(charlie)
    clock.now += dt.timedelta(minutes=5)

    assert post(charlie, "/sign-in/code", code=codes(11)).location == "/sign-in"


def test_codes_cannot_be_tried_out(charlie, codes):
    sign_in(charlie)
    tries = [post(charlie, "/sign-in/code", code="000000x").status_code for _ in range(5)]

    # The password, too, was a try.
    assert tries == [403] * 4 + [429]
    assert post(charlie, "/sign-in/code", code=codes(1)).status_code == 429


def test_codes_are_on_only_when_one_was_right(alice, charlie):
    post(alice, "/account/totp/begin", password=PASSWORD)
    assert post(alice, "/account/totp/confirm", code="000000x").status_code == 422

    assert sign_in(charlie).location == "/"


def test_the_secret_is_shown_to_its_user_and_while_it_is_set_up(alice, hired, codes):
    assert alice.get("/account/totp").location == "/account"
    assert alice.get("/account/totp.svg").status_code == 404

    bob = hired(Role.IT)
    post(bob, "/account/totp/begin", password=PASSWORD)
    qr_code = bob.get("/account/totp.svg")
    assert (qr_code.status_code, qr_code.mimetype) == (200, "image/svg+xml")
    assert qr_code.headers["Cache-Control"] == "no-store"
    assert alice.get("/account/totp.svg").status_code == 404


def test_turning_codes_on_or_off_takes_the_password(alice, charlie, codes, database):
    assert post(alice, "/account/totp/off", password="wrong").status_code == 422
    assert sign_in(charlie).location == "/sign-in/code"

    assert post(alice, "/account/totp/off", password=PASSWORD).status_code == 303
    assert sign_in(charlie).location == "/"
    with database.reading() as session:
        entries = session.query(AuditEntry).filter_by(action="account.totp_off")
        assert [(each.about_user, each.refused_with) for each in entries] == [
            ("alice", None),
            ("alice", 422),
            ("alice", None),
        ]


def test_a_role_that_changes_is_another_role_at_once(hired, database):
    bob = hired(Role.IT)
    accounts.set_role(database, "new-it", Role.AUDITOR)

    assert bob.get("/online").location == "/sign-in"


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app, alice):
    thief = app.test_client()
    with alice.session_transaction() as hers, thief.session_transaction() as his:
        his.update(hers)
    assert thief.get("/members").status_code == 200

    post(alice, "/sign-out")

    assert thief.get("/members").status_code == 303


def test_where_codes_are_required_nothing_opens_without_them(app, alice, code_now):
    parts = app.extensions[PARTS]
    rules = parts.settings.dashboard.model_copy(update={"require_codes": True})
    settings = parts.settings.model_copy(update={"dashboard": rules})
    app.extensions[PARTS] = dataclasses.replace(parts, settings=settings)
    shut = ["/", "/members", "/live", "/static/charts.js", "/no-such-page"]

    assert {alice.get(each, buffered=True).location for each in shut} == {"/account"}
    assert post(alice, "/members/1/erase").location == "/account"
    assert "要求所有人用动态码登录" in alice.get("/account").text

    post(alice, "/account/totp/begin", password=PASSWORD)
    post(alice, "/account/totp/confirm", code=code_now(alice.get("/account/totp").text))

    assert alice.get("/members").status_code == 200
    assert "要求所有人用动态码登录" not in alice.get("/account").text
