"""Brings a day at the portal down to its counts, and forgets its phones once the day is over.

The counts, `closed_at` and the deletion of the phones are one transaction. Until then every
turn counts the whole day anew, so that what was written late is in it.
"""

import dataclasses
import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics.logins import enrolments, funnel, returning
from analytics.logins.funnel import Funnel
from analytics.logins.returning import Returning
from core import clock
from core.database import Database
from core.models.portal_day import EnrolmentDay, PortalDay, PortalPhone
from core.sealing import Sealer
from core.settings import Settings

# A transaction that began before a day's end may end after it.
GRACE = dt.timedelta(minutes=30)
# What is the same is written again no sooner: flash memory wears by it, in each minute of a night.
_SAY_AGAIN_AFTER = dt.timedelta(minutes=10)

_COUNTS = (
    *(each.name for each in dataclasses.fields(Funnel)),
    *(each.name for each in dataclasses.fields(Returning)),
    "enrolled",
)


class _Counted(NamedTuple):
    counts: dict[str, int]
    """By column of `PortalDay`."""
    by_source: dict[int, int]


def roll_up(
    database: Database, sealer: Sealer, settings: Settings, now: dt.datetime
) -> list[dt.date]:
    """Count today, and every day before it that is not closed; close what is over.

    Returns:
        The days closed in this call.
    """
    with database.reading() as session:
        days = _open_days(session, settings.today(now))
    closed = []
    for day in days:
        _, end = clock.day_bounds(day, settings.store.zone)
        is_over = now >= end + GRACE
        # The next turn counts anew; what was forgotten cannot be counted again.
        with database.writing(durable=is_over) as session:
            if _is_closed(session, day):
                # A clock was set back: what it let in belongs to no day.
                _forget(session, day)
                continue
            found = _count(session, sealer, day, settings.store.zone)
            if is_over or found != _kept(session, day, now - _SAY_AGAIN_AFTER):
                _replace(session, day, found, now)
            if is_over:
                session.get_one(PortalDay, day).closed_at = now
                _forget(session, day)
                closed.append(day)
    return closed


def _open_days(session: Session, today: dt.date) -> list[dt.date]:
    """Today, and earlier days of which there are phones or counts that are not final."""
    counted = sa.select(PortalDay.day).where(PortalDay.closed_at.is_(None), PortalDay.day < today)
    marked = sa.select(PortalPhone.day).where(PortalPhone.day < today).distinct()
    return sorted({today, *session.scalars(counted), *session.scalars(marked)})


def _is_closed(session: Session, day: dt.date) -> bool:
    row = session.get(PortalDay, day)
    return row is not None and row.closed_at is not None


def _count(session: Session, sealer: Sealer, day: dt.date, zone: clock.StoreZone) -> _Counted:
    steps = funnel.bring_up_to_date(session, sealer, day, zone)
    back = returning.on(session, day, zone)
    new = enrolments.on(session, day, zone)
    counts = dataclasses.asdict(steps) | dataclasses.asdict(back) | {"enrolled": new.members}
    return _Counted(counts, dict(new.by_source))


def _kept(session: Session, day: dt.date, since: dt.datetime) -> _Counted | None:
    """What was written of a day, if that was not before `since`."""
    row = session.get(PortalDay, day)
    if row is None or row.updated_at < since:
        return None
    sources = session.scalars(sa.select(EnrolmentDay).where(EnrolmentDay.day == day))
    return _Counted(
        {name: getattr(row, name) for name in _COUNTS},
        {each.source_id: each.members for each in sources},
    )


def _replace(session: Session, day: dt.date, found: _Counted, now: dt.datetime) -> None:
    session.merge(PortalDay(day=day, **found.counts, updated_at=now, closed_at=None))
    session.execute(sa.delete(EnrolmentDay).where(EnrolmentDay.day == day))
    session.add_all(
        EnrolmentDay(day=day, source_id=source, members=members)
        for source, members in found.by_source.items()
    )
    session.flush()


def _forget(session: Session, day: dt.date) -> None:
    session.execute(sa.delete(PortalPhone).where(PortalPhone.day == day))
