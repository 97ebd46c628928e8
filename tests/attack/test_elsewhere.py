"""Other sites: nothing that is asked leads to them, and none of their forms does anything here."""

import itertools

import pytest

from core.models.every import metadata
from hq.models.every import metadata as hq_metadata
from tests.attack.web_programs import PROGRAMS, dashboard, fleet, headquarters, portal, ways_in

NAMES = ["next", "url", "to", "return", "return_url", "redirect", "redirect_uri", "back", "lang"]
EVIL = ["http://evil.example", "//evil.example/x", "/\\evil.example", "https:evil.example"]
ASKED = dict(zip(NAMES, itertools.cycle(EVIL)))
OURS = {"Origin": "http://localhost"}
NAMED = ["Host", "X-Forwarded-Host", "X-Host", "X-Original-URL", "X-Rewrite-URL"]
FOREIGN = {
    "another site": {"Origin": "http://evil.example"},
    "a look-alike": {"Origin": "http://localhost.evil.example"},
    "no site": {"Origin": "null"},
    "in its browser's words": {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
}
# That somebody looked, and when they last did anything.
NOTED = {"audit_entries", "audit_head", "sign_ins"}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_no_address_and_no_form_leads_elsewhere(request, program):
    app, client = program(request)
    for path, method in ways_in(app):
        given = {"query_string": ASKED} if method == "GET" else {"data": ASKED, "headers": OURS}
        answer = client.open(path, method=method, buffered=True, **given)

        assert "evil" not in answer.headers.get("Location", ""), path
        assert "Refresh" not in answer.headers, path
        assert not [each for each in EVIL if f'href="{each}'.encode() in answer.data], path


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_no_name_is_believed_that_a_caller_gives_us(request, program):
    app, client = program(request)
    named = dict.fromkeys(NAMED, "evil.example") | {"Forwarded": "host=evil.example"}
    for path, method in ways_in(app):
        if method == "GET":
            answer = client.get(path, headers=named, buffered=True)

            assert "evil" not in answer.headers.get("Location", ""), path
            assert b"evil" not in answer.data, path


@pytest.mark.parametrize("program", [portal, dashboard, fleet], ids=lambda each: each.__name__)
def test_no_form_of_another_site_does_anything(request, program):
    app, client = program(request)
    database, tables = stored(request, program)
    before = rows(database, tables)
    changing = [(path, method) for path, method in ways_in(app) if method != "GET"]

    for sort, headers in FOREIGN.items():
        asked = [client.open(path, method=each, headers=headers) for path, each in changing]
        assert {each.status_code for each in asked} == {403}, sort

    assert len(changing) > 3
    assert rows(database, tables) == before


@pytest.mark.parametrize(
    "program", [dashboard, fleet, headquarters], ids=lambda each: each.__name__
)
def test_no_page_changes_anything_by_being_looked_at(request, program):
    app, client = program(request)
    database, tables = stored(request, program)
    before = rows(database, tables)
    for path, method in ways_in(app):
        if method == "GET":
            client.get(path, buffered=True)

    assert rows(database, tables) == before


def stored(request, program):
    if program in {portal, dashboard}:
        return request.getfixturevalue("database"), metadata
    return request.getfixturevalue("hq"), hq_metadata


def rows(database, tables):
    with database.reading() as session:
        return {
            table.name: session.execute(table.select()).all()
            for table in tables.sorted_tables
            if table.name not in NOTED
        }
