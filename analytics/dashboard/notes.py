"""Writing notes on days: what the form says, and what is wrong with it. No Flask."""

import dataclasses
import datetime as dt
from collections.abc import Mapping

from core.database import Database
from core.models.day_note import DayNote, NoteKind

LONGEST_TEXT = 200
# What is longer is a note on the store, not on days.
LONGEST_DAYS = 366
# Figures are compared with those of two years ago at most; nothing is planned further ahead.
_NEAREST_YEARS = 3


@dataclasses.dataclass(frozen=True, slots=True)
class NoteForm:
    first: dt.date
    last: dt.date
    kind: NoteKind
    text: str


def read(form: Mapping[str, str], today: dt.date) -> tuple[NoteForm | None, frozenset[str]]:
    """The note, or the names of the fields that are wrong. Without a last day it is of one."""
    first = _day(form.get("first", ""), today)
    typed_last = form.get("last", "").strip()
    last = _day(typed_last, today) if typed_last else first
    text = " ".join(form.get("text", "").split())
    wrong = set()
    if first is None:
        wrong.add("first")
    if first and (last is None or not 0 <= (last - first).days < LONGEST_DAYS):
        wrong.add("last")
    if form.get("kind") not in set(NoteKind):
        wrong.add("kind")
    if not 1 <= len(text) <= LONGEST_TEXT or not text.isprintable():
        wrong.add("text")
    if wrong or first is None or last is None:
        return None, frozenset(wrong)
    return NoteForm(first, last, NoteKind(form["kind"]), text), frozenset()


def add(database: Database, form: NoteForm, now: dt.datetime) -> None:
    with database.writing() as session:
        session.add(DayNote(**dataclasses.asdict(form), written_at=now))


def change(database: Database, number: int, form: NoteForm, now: dt.datetime) -> bool:
    """False: there is no such note any more."""
    with database.writing() as session:
        note = session.get(DayNote, number)
        if note is None:
            return False
        note.first, note.last, note.kind, note.text = dataclasses.astuple(form)
        note.written_at = now
    return True


def remove(database: Database, number: int) -> None:
    with database.writing() as session:
        note = session.get(DayNote, number)
        if note is not None:
            session.delete(note)


def _day(typed: str, today: dt.date) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return day if abs(day.year - today.year) <= _NEAREST_YEARS else None
