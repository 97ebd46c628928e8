"""Deletes days of the access log when they are due: whole, so that the chain goes on."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.access_record import AccessDay, AccessRecord

KEEP = 190
"""Days that a day's rows are kept after it. The law asks for six months; a week more, for what
an inspector asks for late."""
FLOOR = 183
"""Sooner they must not be gone: verification says so."""


def is_due(day: dt.date, at: dt.datetime, keep: int) -> bool:
    """Whether `keep` days have passed since the end of `day`, in whichever time zone."""
    return at.astimezone(dt.UTC).date() > day + dt.timedelta(days=keep + 2)


def forget(session: Session, now: dt.datetime, keep: int = KEEP) -> list[dt.date]:
    """Delete the rows of days that are due; which days. What is kept of them says so."""
    left = session.scalars(
        sa.select(AccessDay).where(AccessDay.deleted_at.is_(None)).order_by(AccessDay.day)
    )
    due = [each for each in left if is_due(each.day, now, keep)]
    for each in due:
        rows = AccessRecord.number.between(each.first, each.last)
        session.execute(sa.delete(AccessRecord).where(rows))
        each.deleted_at = now
    return [each.day for each in due]
