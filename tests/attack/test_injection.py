"""What is typed stays text: in pages, in statements, and in what is written into headers."""

import re

import pytest
import sqlalchemy as sa

from tests.attack import forms
from tests.attack.web_programs import dashboard, ways_in

# Sums that a template, a shell or a database would work out.
WORDS = "zq'\"><zq>{{191*7}}${191*7};--\\"
RAW = b"<zq"
SUM = b"1337"
# Of files and of nonces, in which the sum may stand by chance.
NUMBER = re.compile(rb"[0-9A-Za-z_-]{16,}")
OURS = {"Origin": "http://localhost"}


@pytest.fixture
def statements(database):
    """What the database is asked, without the values that go beside it."""
    asked = []

    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    return asked


def assert_text(answer, *asked):
    assert RAW not in answer.data, asked
    assert SUM not in NUMBER.sub(b"", answer.data), asked


def test_what_is_typed_into_any_form_stays_text(request, statements):
    app, manager = dashboard(request)
    pages = [path for path, method in ways_in(app) if method == "GET"]
    taken, shown = set(), set()
    for path in pages:
        page = manager.get(path, buffered=True)
        for form in forms.read(page.data.decode("latin-1"), WORDS).found:
            address = form.address or path
            if form.method != "post" or address in taken | {"/sign-out"}:
                continue
            for fields in (form.hostile, form.fitting):
                answer = manager.post(address, data=fields, headers=OURS, buffered=True)
                assert_text(answer, address)
                if answer.status_code < 400:
                    taken.add(address)
    for path in pages:
        for query in ({"day": WORDS, "lang": WORDS, "next": WORDS}, {}):
            answer = manager.get(path, query_string=query, buffered=True)
            assert_text(answer, path)
        if b"zq" in answer.data:
            shown.add(path)

    assert {"/campaigns/save", "/notes", "/sources", "/surveys", "/groups", "/tokens"} <= taken
    assert {"/campaigns", "/notes", "/sources", "/surveys", "/groups", "/tokens"} <= shown
    assert not [each for each in statements if "zq" in each]
