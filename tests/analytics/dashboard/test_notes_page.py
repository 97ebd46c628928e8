import datetime as dt

import pytest

from analytics.figures import day_notes
from core.models.audit_entry import AuditEntry
from core.models.day_note import DayNote, NoteKind
from core.models.user import Role
from tests.analytics.traffic_days import day_row

OURS = {"Origin": "http://localhost"}
DAY = dt.timedelta(days=1)
GOOD = {"kind": "window", "text": "New window", "first": "2026-05-04", "last": ""}


@pytest.fixture
def write(database, clock):
    def put(first, last=None, kind=NoteKind.WINDOW, text="New window"):
        with database.writing() as session:
            note = DayNote(
                first=first, last=last or first, kind=kind, text=text, written_at=clock.now
            )
            session.add(note)
            session.flush()
            return note.id

    return put


@pytest.fixture
def count(database):
    def put(first, *visitors):
        with database.writing() as session:
            session.add_all(
                day_row(first + number * DAY, came) for number, came in enumerate(visitors)
            )

    return put


def post(client, address, **form):
    return client.post(address, data=form, headers=OURS)


def test_a_note_is_written_changed_and_deleted_and_each_is_in_the_audit_log(alice, database):
    assert post(alice, "/notes", **GOOD).status_code == 303
    assert "New window" in alice.get("/notes").text

    changed = GOOD | {"text": "Newer window", "last": "2026-05-05"}
    assert post(alice, "/notes/1", **changed).location == "/notes/1"
    page = alice.get("/notes/1?lang=en").text
    assert "Newer window" in page
    assert "Mon, 4 May 2026 – Tue, 5 May 2026" in page

    post(alice, "/notes/1/remove")
    assert day_notes.get(database, 1) is None
    assert alice.get("/notes/1").status_code == 404
    with database.reading() as session:
        entries = [(entry.action, entry.number) for entry in session.query(AuditEntry)]
    assert entries == [("notes.add", None), ("notes.change", 1), ("notes.remove", 1)]


def test_a_note_without_a_last_day_is_of_one(alice, database):
    post(alice, "/notes", **GOOD)

    note = day_notes.get(database, 1)
    assert (note.first, note.last, note.kind) == (dt.date(2026, 5, 4),) * 2 + (NoteKind.WINDOW,)


def test_what_is_wrong_is_said_at_its_field_and_nothing_written(alice, database, write):
    write(dt.date(2026, 5, 1), text="as it was")
    for address in ("/notes", "/notes/1"):
        answer = post(alice, address, **GOOD | {"text": " ", "last": "2026-05-03"})

        assert answer.status_code == 422
        assert all(f'id="{field}-fault"' in answer.text for field in ("text", "last"))
    assert [note.text for note in day_notes.newest(database, 9)] == ["as it was"]


def test_what_is_gone_cannot_be_changed(alice):
    assert post(alice, "/notes/7", **GOOD).status_code == 404
    assert post(alice, "/notes/7/remove").status_code == 303


def test_a_note_is_text_wherever_it_stands(alice, write, count, today):
    number = write(today - 3 * DAY, text="</script><b>Sale</b>")
    count(today - 7 * DAY, *[200] * 7)

    for address in ("/notes", f"/notes/{number}", "/history?range=7"):
        page = alice.get(address).text
        assert "<b>Sale" not in page
        assert "&lt;b&gt;Sale" in page


@pytest.mark.parametrize("role", [Role.IT, Role.AUDITOR])
def test_who_may_only_read_sees_no_form(hired, write, today, role):
    write(today)
    client = hired(role)

    for address in ("/notes", "/notes/1", "/history"):
        page = client.get(address).text
        assert 'method="post" action="/notes' not in page
        assert "/notes#add" not in page
    assert "New window" in client.get("/notes").text


def test_says_what_came_before_and_after_in_words(alice, write, count, today):
    begun = today - 15 * DAY
    number = write(begun)
    count(begun - 20 * DAY, *[200] * 20, 0, *[300, 310] * 7)

    page = alice.get(f"/notes/{number}?lang=en").text

    assert "14 pairs of like weekdays" in page
    assert "<strong>+5" in page
    assert "Visitors: More: 5" in page


def test_says_so_if_chance_explains_it(alice, write, count, today):
    begun = today - 8 * DAY
    number = write(begun)
    count(
        begun - 13 * DAY,
        100,
        300,
        200,
        250,
        150,
        220,
        180,
        *[200] * 6,
        0,
        300,
        100,
        250,
        200,
        180,
        220,
        150,
    )

    assert "Cannot be told from chance" in alice.get(f"/notes/{number}?lang=en").text


def test_names_what_else_was_different(alice, write, count, today):
    begun = today - 8 * DAY
    number = write(begun)
    write(today - 3 * DAY, kind=NoteKind.CLOSED, text="Burst pipe")
    count(begun - 13 * DAY, *[200] * 21)

    page = alice.get(f"/notes/{number}?lang=en").text

    assert "Burst pipe" in page
    assert "6 pairs of like weekdays" in page


@pytest.mark.parametrize(
    ("kind", "ago", "said"),
    [
        (NoteKind.WINDOW, 2, "Too early to tell"),
        (NoteKind.CLOSED, 30, "have no before and after"),
        (NoteKind.SENSOR_MOVED, 30, "have no before and after"),
        (NoteKind.CAMPAIGN, 30, "then there were no figures"),
    ],
)
def test_says_why_there_is_nothing_to_compare(alice, write, today, kind, ago, said):  # noqa: PLR0917 - by name
    number = write(today - ago * DAY, kind=kind)

    assert said in alice.get(f"/notes/{number}?lang=en").text


def test_strangers_see_and_write_nothing(charlie):
    assert charlie.get("/notes").location == "/sign-in"
    assert post(charlie, "/notes", **GOOD).location == "/sign-in"
