"""Since when the sensor hangs where it does: what was measured before says nothing of now."""

import datetime as dt
import zoneinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock
from core.models.day_note import DayNote, NoteKind


def last(session: Session, day: dt.date) -> DayNote | None:
    """The note of the last move that had begun by a store-local day; None if there is none."""
    wanted = sa.select(DayNote).where(DayNote.kind == NoteKind.SENSOR_MOVED, DayNote.first <= day)
    return session.scalar(wanted.order_by(DayNote.last.desc(), DayNote.written_at.desc()).limit(1))


def over_at(note: DayNote, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """When it was over for certain: with its last day, or on that once the note was written.

    Who moves a sensor writes it down and then walks around, mostly on the same day.
    """
    start, end = clock.day_bounds(note.last, zone)
    return min(max(start, note.written_at), end)
