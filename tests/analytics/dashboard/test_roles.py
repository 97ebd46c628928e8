"""Who may see what, over every address that the dashboard has."""

from pathlib import Path

import pytest

from analytics import wording
from analytics.dashboard import guard, roles
from analytics.dashboard.parts import FOLDER
from analytics.dashboard.rights import Log
from core.models.audit_entry import AuditEntry
from core.models.user import Role

OURS = {"Origin": "http://localhost"}
DOCS = Path(__file__).parents[3] / "docs"
SAMPLES = {"<int:number>": "1", "<member>": "0" * 26, "<name>": "x.webp"}


def views(app):
    """Each way in that needs a signed-in user: its endpoint, method and an address."""
    for rule in app.url_map.iter_rules():
        address = rule.rule
        for part, sample in SAMPLES.items():
            address = address.replace(part, sample)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            if rule.endpoint not in guard.OPEN:
                yield rule.endpoint, method, address


def test_every_view_is_assigned_once_and_nothing_else_is(app):
    assigned = [endpoint for right in roles.RIGHTS.table for endpoint in right.endpoints]

    assert sorted(assigned) == sorted({endpoint for endpoint, *_ in views(app)})


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_what_is_its_own_and_nothing_else(app, hired, role):
    client = hired(role)
    refused = set()
    for endpoint, method, address in views(app):
        # Not out of the very browser that goes round.
        if endpoint == "sign_in.sign_out":
            continue
        answer = client.open(address, method=method, headers=OURS)
        if "/sign-in" not in (answer.location or "") and answer.status_code == 403:
            refused.add(endpoint)
            assert "没有权限" in answer.text

    everything = {endpoint for endpoint, *_ in views(app)}
    assert refused == {each for each in everything if not roles.RIGHTS.may(role, each)}


def test_a_view_that_nobody_assigned_is_shut_even_to_the_manager(app, alice):
    app.config["TESTING"] = True
    app._got_first_request = False
    app.add_url_rule("/new", "new.page", lambda: "members")

    assert alice.get("/new").status_code == 403
    assert alice.get("/no-such-page").status_code == 404


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (Role.MANAGER, "/audit", None),
        (Role.MARKETER, "/members", "/online"),
        (Role.IT, "/online", "/members"),
        (Role.AUDITOR, "/audit", "/members"),
        (Role.PRIVACY, "/access-log", "/members"),
        (Role.MANAGER, "/members", "/access-log"),
    ],
)
def test_the_bar_leads_only_where_one_may_go(hired, role, shown, hidden):
    page = hired(role).get("/").text

    assert f'href="{shown}"' in page
    assert hidden is None or f'href="{hidden}"' not in page


def test_who_may_not_erase_sees_no_link_to_it(hired, enrol):
    enrol()

    assert "/erase" not in hired(Role.MARKETER).get("/members").text
    assert "/erase" in hired(Role.MANAGER).get("/members").text


@pytest.mark.parametrize(
    "endpoint",
    [
        "members.page",
        "members.ask_erase",
        "members.reveal",
        "online.page",
        "guests.page",
        "audit.page",
        "access_log.page",
    ],
)
def test_each_look_at_somebody_is_logged(endpoint):
    assert roles.RIGHTS.to(endpoint).log is not Log.NOT


def test_every_change_is_logged(app):
    # What is typed for a campaign's preview is kept nowhere.
    harmless = {"sign_in.sign_out", "campaigns.preview_draft"}
    # One tap for each person at the door: that somebody counts is noted, not each tap.
    often = {"counting.add"}
    changing = {endpoint for endpoint, method, _ in views(app) if method != "GET"}

    for endpoint in changing - harmless:
        log = Log.FIRST if endpoint in often else Log.EACH
        assert roles.RIGHTS.to(endpoint).log is log, endpoint


def test_what_a_role_may_not_is_written_down(hired, database):
    hired(Role.AUDITOR).get("/members")

    with database.reading() as session:
        entry = session.query(AuditEntry).one()
    assert (entry.user_name, entry.action, entry.refused_with) == (
        "new-auditor",
        "members.page",
        403,
    )


def table():
    """The table of docs/dashboard.md, as the code has it."""
    texts = wording.load(FOLDER / "texts")
    say = {Log.NOT: "", Log.EACH: "each", Log.FIRST: "once in 10 minutes"}
    yield "| | manager | marketer | IT | auditor | privacy officer | in the audit log |"
    yield "|---|---|---|---|---|---|---|"
    for right in roles.RIGHTS.table:
        may = ["yes" if role in right.roles else "–" for role in Role]
        title = texts.text("en", f"rights.{right.name}")
        yield f"| {' | '.join([title, *may, say[right.log]])} |".replace("  |", " |")


def test_the_page_about_roles_says_what_the_code_does():
    page = (DOCS / "dashboard.md").read_text("utf-8")

    assert "\n".join(table()) in page, "\n".join(table())
