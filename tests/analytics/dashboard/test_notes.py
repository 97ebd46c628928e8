"""What may stand in the form of a note."""

import datetime as dt

import pytest

from analytics.dashboard import notes
from analytics.dashboard.notes import NoteForm
from core.models.day_note import NoteKind

TODAY = dt.date(2026, 5, 16)
FIRST = dt.date(2026, 5, 4)
GOOD = {"kind": "window", "text": " New   window ", "first": "2026-05-04", "last": "2026-05-05"}


def test_a_whole_form():
    form, wrong = notes.read(GOOD, TODAY)

    assert form == NoteForm(FIRST, FIRST + dt.timedelta(days=1), NoteKind.WINDOW, "New window")
    assert not wrong


def test_without_a_last_day_it_is_of_one():
    form, _ = notes.read(GOOD | {"last": ""}, TODAY)

    assert (form.first, form.last) == (FIRST, FIRST)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "x" * 201}, "text"),
        ({"text": "tab\x00le"}, "text"),
        ({"first": "yesterday"}, "first"),
        ({"first": "1999-01-01"}, "first"),
        ({"last": "2026-05-03"}, "last"),
        ({"last": "2027-05-05"}, "last"),
        ({"last": "soon"}, "last"),
        ({"kind": "party"}, "kind"),
    ],
)
def test_names_the_field_that_is_wrong(wrong, field):
    assert notes.read(GOOD | wrong, TODAY) == (None, {field})


def test_an_empty_form_is_wrong_in_all_it_needs():
    assert notes.read({}, TODAY) == (None, {"first", "kind", "text"})
