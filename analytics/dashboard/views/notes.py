"""Notes on days: writing them, and what has changed since."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import comparing, language, notes, stretches
from analytics.dashboard.parts import wired
from analytics.figures import day_notes
from analytics.figures.day_notes import BeforeAfter
from core.models.day_note import DayNote, NoteKind

pages = Blueprint("notes", __name__)

_MOST_SHOWN = 200


@pages.get("/notes")
def page() -> ResponseReturnValue:
    return _list(typed={"first": request.args.get("day", ""), "kind": NoteKind.WINDOW})


@pages.post("/notes")
def add() -> ResponseReturnValue:
    parts = wired()
    now = parts.clock()
    form, wrong = notes.read(request.form, parts.settings.today(now))
    if form is None:
        return _list(typed=request.form, wrong=wrong), 422
    notes.add(parts.database, form, now)
    return redirect(url_for("notes.page"), 303)


@pages.get("/notes/<int:number>")
def one(number: int) -> ResponseReturnValue:
    return _one(_found(number))


@pages.post("/notes/<int:number>")
def change(number: int) -> ResponseReturnValue:
    parts = wired()
    now = parts.clock()
    form, wrong = notes.read(request.form, parts.settings.today(now))
    if form is None:
        return _one(_found(number), wrong=wrong), 422
    if not notes.change(parts.database, number, form, now):
        abort(404)
    return redirect(url_for("notes.one", number=number), 303)


@pages.post("/notes/<int:number>/remove")
def remove(number: int) -> ResponseReturnValue:
    notes.remove(wired().database, number)
    return redirect(url_for("notes.page"), 303)


def _list(typed: object, wrong: frozenset[str] = frozenset()) -> str:
    return render_template(
        "notes.html",
        notes=day_notes.newest(wired().database, _MOST_SHOWN),
        most=_MOST_SHOWN,
        kinds=list(NoteKind),
        typed=typed,
        wrong=wrong,
        longest=notes.LONGEST_TEXT,
    )


def _one(note: DayNote, wrong: frozenset[str] = frozenset()) -> str:
    parts, say = wired(), language.wording()
    sides = day_notes.before_after(note, parts.settings.today(parts.clock()))
    return render_template(
        "notes_one.html",
        note=note,
        can_compare=note.kind not in day_notes.LEFT_OUT,
        sides=sides,
        each=comparing.of_note(parts.database, parts.settings, sides, say) if sides else None,
        others=_others(note, sides) if sides else [],
        said=lambda days: stretches.said(days, say),
        kinds=list(NoteKind),
        typed=request.form if wrong else note,
        wrong=wrong,
        longest=notes.LONGEST_TEXT,
    )


def _others(note: DayNote, sides: BeforeAfter) -> list[DayNote]:
    """What else was noted on the days that are compared: it is in the change as well."""
    found = day_notes.find(wired().database, sides.before_first, sides.last)
    return [each for each in found if each.id != note.id]


def _found(number: int) -> DayNote:
    note = day_notes.get(wired().database, number)
    if note is None:
        abort(404)
    return note
