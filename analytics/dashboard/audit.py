"""The audit log: who has looked at personal data, who has changed what. No Flask.

A row is written before the look or the change, so that there is none without. What is then
refused after all gets a second row, with its status.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from core.database import Database
from core.models.audit_entry import AuditEntry

PAGE_LENGTH = 50
SAME_LOOK = dt.timedelta(minutes=10)
"""A page that fetches itself anew is looked at once in this time."""


@dataclasses.dataclass(frozen=True, slots=True)
class AuditPage:
    entries: Sequence[AuditEntry]
    count: int
    """Of all that the filter lets through."""
    number: int
    pages: int
    names: Sequence[str]
    """Whom one may filter by."""


def write(database: Database, entry: AuditEntry) -> None:
    with database.writing() as session:
        session.add(entry)


def write_first(database: Database, entry: AuditEntry) -> None:
    """Unless the same user has looked at the same from the same machine in SAME_LOOK."""
    same = sa.select(AuditEntry.id).where(
        AuditEntry.at > entry.at - SAME_LOOK,
        AuditEntry.user_name == entry.user_name,
        AuditEntry.role == entry.role,
        AuditEntry.address == entry.address,
        AuditEntry.action == entry.action,
        AuditEntry.number.is_not_distinct_from(entry.number),
    )
    with database.reading() as session:
        has_looked = session.scalar(same.limit(1)) is not None
    if not has_looked:
        write(database, entry)


def count(database: Database, user_name: str, action: str, since: dt.datetime) -> int:
    """How often somebody has done or tried this, not counting second rows of refusals."""
    wanted = sa.select(sa.func.count()).where(
        AuditEntry.user_name == user_name,
        AuditEntry.action == action,
        AuditEntry.at > since,
        AuditEntry.refused_with.is_(None),
    )
    with database.reading() as session:
        return session.scalar(wanted) or 0


def page(
    database: Database,
    number: int,
    user_name: str | None = None,
    bounds: tuple[dt.datetime, dt.datetime] | None = None,
) -> AuditPage:
    """Page `number`, newest first, from 1; the last one if there are fewer.

    Of `user_name` alone, and from the first of the `bounds` until before the second.
    """
    wanted = sa.select(AuditEntry)
    if user_name is not None:
        wanted = wanted.where(AuditEntry.user_name == user_name)
    if bounds is not None:
        wanted = wanted.where(AuditEntry.at >= bounds[0], AuditEntry.at < bounds[1])
    names = sa.select(AuditEntry.user_name).where(AuditEntry.user_name.is_not(None)).distinct()
    with database.reading() as session:
        count = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
        pages = max(-(-count // PAGE_LENGTH), 1)
        number = min(max(number, 1), pages)
        entries = session.scalars(
            wanted.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
            .offset((number - 1) * PAGE_LENGTH)
            .limit(PAGE_LENGTH)
        ).all()
        found = session.scalars(names.order_by(AuditEntry.user_name)).all()
    return AuditPage(entries, count, number, pages, [name for name in found if name])
