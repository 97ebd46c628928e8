"""Who may see what of the fleet, over every address that its pages have."""

from pathlib import Path

import pytest

from analytics import wording
from analytics.dashboard import guard
from analytics.dashboard.rights import Log
from core.models.audit_entry import AuditEntry
from core.models.user import Role
from hq.pages.parts import FOLDER
from hq.pages.roles import RIGHTS

OURS = {"Origin": "http://localhost"}
DOCS = Path(__file__).parents[3] / "docs"


def views(app):
    """Each way in that needs a signed-in user: its endpoint, method and an address."""
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            if rule.endpoint not in guard.OPEN:
                yield rule.endpoint, method, rule.rule.replace("<store_id>", "store-1")


def test_every_view_is_assigned_once_and_nothing_else_is(app):
    assigned = [endpoint for right in RIGHTS.table for endpoint in right.endpoints]

    assert sorted(assigned) == sorted({endpoint for endpoint, *_ in views(app)})


def test_a_stranger_is_sent_to_sign_in_from_everywhere(app, chain):
    chain(3)

    for _, method, address in views(app):
        answer = app.test_client().open(address, method=method, headers=OURS)

        assert (answer.status_code, answer.location) == (303, "/sign-in"), address


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_what_is_its_own_and_nothing_else(app, hired, chain, role):
    chain(3)
    client = hired(role)
    refused = set()
    for endpoint, method, address in views(app):
        # Printing takes a process of its own; and not out of the very browser that goes round.
        if endpoint not in {"regions.file", "sign_in.sign_out"}:
            answer = client.open(address, method=method, headers=OURS)
            refused |= {endpoint} if answer.status_code == 403 else set()

    everything = {endpoint for endpoint, *_ in views(app)}
    assert refused == {each for each in everything if not RIGHTS.may(role, each)}


def test_what_a_role_may_not_is_written_down(hired, hq_sqlite):
    hired(Role.MARKETER).get("/health")

    with hq_sqlite.reading() as session:
        entry = session.query(AuditEntry).one()
    assert (entry.user_name, entry.action, entry.refused_with) == (
        "new-marketer",
        "health.page",
        403,
    )


@pytest.mark.parametrize("address", ["/stores/store-2", "/map?show=health"])
def test_who_may_not_see_health_sees_none_of_it_anywhere(hired, chain, address):
    chain(3)

    page = hired(Role.MARKETER).get(address)

    assert page.status_code == 200
    assert "Last heard" not in page.text
    assert "Keys" not in page.text
    assert "In trouble" not in page.text


def test_the_bar_leads_only_where_one_may_go(hired):
    page = hired(Role.MARKETER).get("/").text

    assert 'href="/regions"' in page
    assert 'href="/health"' not in page
    assert 'href="/audit"' not in page


def table():
    """The table of docs/fleet-pages.md, as the code has it."""
    texts = wording.load(FOLDER.parents[1] / "analytics/dashboard/texts", FOLDER / "texts")
    say = {Log.NOT: "", Log.EACH: "each", Log.FIRST: "once in 10 minutes"}
    yield f"| | {' | '.join(Role)} | in the audit log |"
    yield "|---|---|---|---|---|---|---|"
    for right in RIGHTS.table:
        may = ["yes" if role in right.roles else "–" for role in Role]
        title = texts.text("en", f"rights.{right.name}")
        yield f"| {' | '.join([title, *may, say[right.log]])} |".replace("  |", " |")


def test_the_page_about_the_fleet_says_what_the_code_does():
    page = (DOCS / "fleet-pages.md").read_text("utf-8")

    assert "\n".join(table()) in page, "\n".join(table())
