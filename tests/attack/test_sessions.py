"""Cookies and tokens that were made up, altered, copied or taken from somewhere else."""

import base64

import pytest
from flask.sessions import SecureCookieSessionInterface

from tests.attack.web_programs import dashboard, fleet

NAME = "doorman_dashboard"


@pytest.fixture
def site(request):
    return dashboard(request)


def page(application, cookie, name=NAME):
    stranger = application.test_client(use_cookies=False)
    return stranger.get("/members", headers={"Cookie": f"{name}={cookie}"}).status_code


def cookie_of(client, name=NAME):
    return client.get_cookie(name).value


def test_the_cookie_itself_opens(site):
    application, manager = site

    assert page(application, cookie_of(manager)) == 200


OURS = base64.urlsafe_b64encode(b'{"token":"x","half":1}').decode()
ALTERED = {
    "last sign": lambda good: good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
    "longer": "A{}".format,
    "unsigned": lambda good: good.partition(".")[0],
    "no signature": lambda good: good.rpartition(".")[0] + ".",
    "other words": lambda good: OURS + "." + good.partition(".")[2],
    "packed": ".{}".format,
    "long": lambda _good: "x" * 3000,
    "plain": lambda _good: '{"token":"x"}',
}


def test_no_altered_cookie_opens(site):
    application, manager = site
    good = cookie_of(manager)

    answers = {sort: page(application, alter(good)) for sort, alter in ALTERED.items()}

    assert answers == dict.fromkeys(ALTERED, 303)


def test_a_signed_cookie_is_not_enough(site):
    """Whoever has the key that cookies are signed with still needs a sign-in of the database."""
    application, _ = site
    signing = SecureCookieSessionInterface().get_signing_serializer(application)

    for said in ({"token": "x"}, {"token": ""}, {"half": 1}, {"user_id": 1}):
        assert page(application, signing.dumps(said)) == 303, said


def test_a_session_of_headquarters_is_none_in_a_store(request, site):
    application, _ = site
    _, elsewhere = fleet(request)

    assert page(application, cookie_of(elsewhere, "doorman_fleet")) == 303


def test_signing_in_anew_begins_another_session(site):
    application, manager = site
    planted = cookie_of(manager)
    manager.post("/sign-out", headers={"Origin": "http://localhost"})
    manager.set_cookie(NAME, planted)
    manager.post(
        "/sign-in",
        data={"name": "alice", "password": "correct horse battery"},
        headers={"Origin": "http://localhost"},
    )

    assert page(application, cookie_of(manager)) == 200
    assert page(application, planted) == 303
