"""Somebody of a low role, who knows every address and tries it in every way.

Which roles may do what is held by the tests of each site's roles; here they go around it.
"""

import collections
import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from analytics.api import document, questions
from analytics.dashboard import roles
from analytics.dashboard.rights import Rights
from core.models.user import Role
from hq.pages import roles as fleet_roles
from tests.analytics.dashboard.conftest import signed_in, staff
from tests.attack import forms
from tests.attack.web_programs import LEFT_OUT, dashboard, fleet, get

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "LOOK"]
OURS = {"Origin": "http://localhost"}
# What some servers take for another method than that of the request, or for somebody trusted.
AROUND = {
    "X-HTTP-Method-Override": "GET",
    "X-HTTP-Method": "GET",
    "X-Forwarded-For": "127.0.0.1",
    "X-Real-IP": "127.0.0.1",
    "X-Original-URL": "/",
    "X-Forwarded-User": "alice",
    "Remote-User": "alice",
    "Authorization": "Basic YWxpY2U6",
}
WRITTEN = ["{}/", "/{}", "{}//", "{};x=1", "{}%20", "{}/.", "/.{}", "/x/..{}", "{}.json", "{}%3f"]


class Site(NamedTuple):
    application: Flask
    rights: Rights
    sign_on: Callable[[Role], FlaskClient]


@pytest.fixture(params=[dashboard, fleet], ids=lambda each: each.__name__)
def site(request, now):
    application, _ = request.param(request)
    kept = request.getfixturevalue("database" if request.param is dashboard else "hq")

    def sign_on(role):
        with kept.writing() as session:
            session.add(staff(f"new-{role}", role, now))
        return signed_in(application, f"new-{role}")

    rights = roles.RIGHTS if request.param is dashboard else fleet_roles.RIGHTS
    return Site(application, rights, sign_on)


def shut(site, role):
    """The addresses with something that the role may not, and the methods that it may use there."""
    shut, may = set(), collections.defaultdict(set)
    for rule in site.application.url_map.iter_rules():
        right, address = site.rights.to(rule.endpoint), re.sub("<[^>]*>", "1", rule.rule)
        if right is not None and role in right.roles:
            may[address] |= rule.methods
        elif right is not None and rule.endpoint not in LEFT_OUT:
            shut.add(address)
    return {address: may[address] for address in shut}


@pytest.mark.parametrize("role", [Role.MARKETER, Role.AUDITOR])
def test_no_method_opens_what_a_role_may_not(site, role):
    client, tried = site.sign_on(role), 0
    for address, may in shut(site, role).items():
        for method in set(METHODS) - may:
            status = client.open(address, method=method, headers=OURS | AROUND).status_code
            tried += 1
            assert status in {403, 405}, (method, address)
    # Of the fleet a store's auditor sees nearly all.
    assert tried >= len(METHODS)


def test_no_way_of_writing_an_address_opens_it(site):
    client = site.sign_on(Role.MARKETER)
    closed = shut(site, Role.MARKETER)
    assert closed
    for address, may in closed.items():
        if "GET" not in may:
            for each in [each.format(address) for each in WRITTEN] + [address.upper()]:
                assert get(client, each).status_code in {403, 404, 405, 308}, each


@pytest.mark.parametrize("role", [Role.IT, Role.AUDITOR])
def test_links_lead_a_role_to_what_it_may_see(site, role):
    client, seen, waiting = site.sign_on(role), set(), {"/"}
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = client.get(address, buffered=True)
        assert answer.status_code < 400, address
        if answer.mimetype == "text/html":
            found = forms.read(answer.text, "").links
            inside = {each.partition("#")[0].partition("?")[0] for each in found}
            waiting |= {each for each in inside if each.startswith("/")} - seen
    assert len(seen) > 4


@pytest.mark.parametrize("site", [dashboard], indirect=True)
def test_a_session_opens_no_figures_and_a_token_no_page(site):
    manager = site.sign_on(Role.MANAGER)
    token = {"Authorization": "Bearer dm_made_up"}

    assert manager.get(document.BASE + questions.QUESTIONS[0].path).status_code == 401
    assert site.application.test_client().get("/members", headers=token).location == "/sign-in"
