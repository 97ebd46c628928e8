"""Deletes days of the access log when they are due: whole, so that the chain goes on."""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.database import Database
from core.models.access_record import AccessDay, AccessRecord


def is_due(day: dt.date, at: dt.datetime, keep: int) -> bool:
    """Whether `keep` days have passed since the end of `day`, in whichever time zone."""
    return at.astimezone(dt.UTC).date() > day + dt.timedelta(days=keep + 2)


def forget(session: Session, now: dt.datetime, keep: int) -> list[dt.date]:
    """Delete the rows of days that ended `keep` days ago; which days. What is left says so."""
    left = session.scalars(
        sa.select(AccessDay).where(AccessDay.deleted_at.is_(None)).order_by(AccessDay.day)
    )
    due = [each for each in left if is_due(each.day, now, keep)]
    for each in due:
        rows = AccessRecord.number.between(each.first, each.last)
        session.execute(sa.delete(AccessRecord).where(rows))
        each.deleted_at = now
    return [each.day for each in due]


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    first: dt.date | None
    """The oldest day of which there are rows."""
    rows: int
    deleted: int
    """Days."""
    anchored: tuple[dt.date, str] | None
    """The newest day that is, and where."""


def standing(database: Database) -> Standing:
    with database.reading() as session:
        rows = sa.select(sa.func.min(AccessRecord.day), sa.func.count()).select_from(AccessRecord)
        first, count = session.execute(rows).one()
        gone = sa.select(sa.func.count()).where(AccessDay.deleted_at.is_not(None))
        newest = (
            sa.select(AccessDay.day, AccessDay.anchored_where)
            .where(AccessDay.anchored_at.is_not(None))
            .order_by(AccessDay.day.desc())
            .limit(1)
        )
        found = session.execute(newest).one_or_none()
        deleted = session.scalar(gone) or 0
    anchored = None if found is None else (found.day, str(found.anchored_where))
    return Standing(first, count, deleted, anchored)
