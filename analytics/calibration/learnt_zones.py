"""The thresholds that the store's days have shown, in the middle. No pandas.

One day's signals show them to a decibel or two; the middle of two weeks does not jump. What a
sensor hears depends on where it hangs, so days before it was moved do not count.
"""

import datetime as dt
import statistics

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.day_note import DayNote, NoteKind
from core.models.traffic import TrafficDay

_DAYS = 14


def find(
    session: Session, day: dt.date, of_day: tuple[int, int] | None = None
) -> tuple[int, int] | None:
    """inside_dbm and outside_dbm for a day; None if nothing has been learnt.

    Args:
        session: to read days and notes.
        day: store-local; those before it count, and itself as far as it has come.
        of_day: what it shows; None: what it showed when its row was written.
    """
    moved = sa.select(sa.func.max(DayNote.first)).where(
        DayNote.kind == NoteKind.SENSOR_MOVED, DayNote.first <= day
    )
    last = day if of_day is None else day - dt.timedelta(days=1)
    wanted = (
        sa.select(TrafficDay.learnt_inside_dbm, TrafficDay.learnt_outside_dbm)
        .where(TrafficDay.day <= last)
        .where(TrafficDay.learnt_inside_dbm.is_not(None))
        .where(TrafficDay.learnt_outside_dbm.is_not(None))
        .order_by(TrafficDay.day.desc())
        .limit(_DAYS)
    )
    if since := session.scalar(moved):
        wanted = wanted.where(TrafficDay.day >= since)
    shown = [tuple(row) for row in session.execute(wanted)]
    if of_day:
        shown.append(of_day)
    if not shown:
        return None
    inside_dbm, outside_dbm = (round(statistics.median(each)) for each in zip(*shown, strict=True))
    return inside_dbm, outside_dbm
