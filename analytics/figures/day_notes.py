"""Notes on days, and what they mean for comparisons. No Flask.

Days on which the shop was closed or the sensor was moved are no days like others: they are left
out. And what a sensor hears depends on where it hangs, so days before and after it was moved
are not compared with each other at all.
"""

import dataclasses
import datetime as dt
import math
from collections.abc import Sequence

import sqlalchemy as sa

from core.database import Database
from core.models.day_note import DayNote, NoteKind

LEFT_OUT = frozenset({NoteKind.CLOSED, NoteKind.SENSOR_MOVED})
"""Kinds whose days are left out of comparisons. They have no before and after themselves."""
WHILE = frozenset({NoteKind.CAMPAIGN, NoteKind.HOLIDAY, NoteKind.WEATHER})
"""Kinds that are over with their last day; what the others tell of goes on."""

_WEEK = 7
_MOST_WEEKS = 4
_DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Two stretches of days of the same weekdays: with what a note tells of, and before it."""

    first: dt.date
    last: dt.date
    before_first: dt.date

    @property
    def before_last(self) -> dt.date:
        return self.before_first + (self.last - self.first)


def find(database: Database, first: dt.date, last: dt.date) -> list[DayNote]:
    """The notes on any of these days, in the order of their first days."""
    wanted = sa.select(DayNote).where(DayNote.first <= last, DayNote.last >= first)
    with database.reading() as session:
        return list(session.scalars(wanted.order_by(DayNote.first, DayNote.id)))


def get(database: Database, number: int) -> DayNote | None:
    with database.reading() as session:
        return session.get(DayNote, number)


def newest(database: Database, most: int) -> list[DayNote]:
    """The `most` notes on the latest days, the latest first."""
    wanted = sa.select(DayNote).order_by(DayNote.first.desc(), DayNote.id.desc()).limit(most)
    with database.reading() as session:
        return list(session.scalars(wanted))


def of_day(notes: Sequence[DayNote], day: dt.date) -> list[DayNote]:
    return [note for note in notes if note.first <= day <= note.last]


def incomparable(
    notes: Sequence[DayNote], first: dt.date, last: dt.date, with_first: dt.date
) -> frozenset[dt.date]:
    """Which days from `first` to `last` cannot be compared with their fellows.

    The fellow of `first` is `with_first`, that of the day after the day after, and so on. The
    notes are those from the earliest of all these days to the latest.
    """
    shift = first - with_first
    days = [first + number * _DAY for number in range((last - first).days + 1)]
    return frozenset(
        day for day in days if _is_odd(notes, day) or _is_apart(notes, day - shift, day)
    )


def before_after(note: DayNote, today: dt.date) -> BeforeAfter | None:
    """What to compare to see what a note's news has changed; None: it is too early to.

    Of a campaign and the like, its own days; of what stays, such as a new window, whole weeks
    after its last day, four at most. The days before end before its first one.
    """
    if note.kind in WHILE:
        first, last = note.first, min(note.last, today - _DAY)
    else:
        first = note.last + _DAY
        weeks = min((today - first).days // _WEEK, _MOST_WEEKS)
        last = first + (weeks * _WEEK - 1) * _DAY
    if note.kind in LEFT_OUT or last < first:
        return None
    weeks_back = math.ceil(((last - note.first).days + 1) / _WEEK)
    return BeforeAfter(first, last, first - weeks_back * _WEEK * _DAY)


def _is_odd(notes: Sequence[DayNote], day: dt.date) -> bool:
    return any(note.kind in LEFT_OUT for note in of_day(notes, day))


def _is_apart(notes: Sequence[DayNote], earlier: dt.date, later: dt.date) -> bool:
    """Whether the earlier day is odd itself, or the sensor was moved between the two."""
    return _is_odd(notes, earlier) or any(
        note.kind is NoteKind.SENSOR_MOVED and earlier <= note.last and note.first <= later
        for note in notes
    )
