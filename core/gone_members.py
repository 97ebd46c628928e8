"""Who was erased or merged: kept so that a CRM that has them again can be told anew."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.gone_member import GoneMember
from core.models.member import Member


def remember(
    session: Session, members: Iterable[str], now: dt.datetime, *, into: str | None = None
) -> None:
    """Keep that members were erased, or merged into another, in the transaction of doing so."""
    for public_id in members:
        session.merge(GoneMember(public_id=public_id, into_id=into, gone_at=now))


def is_known(session: Session, public_id: str) -> bool:
    return session.get(GoneMember, public_id) is not None


def count_since(session: Session, moment: dt.datetime) -> int:
    """How many were erased or merged since."""
    rows = sa.select(sa.func.count()).select_from(GoneMember).where(GoneMember.gone_at > moment)
    return session.scalars(rows).one()


def survivor(session: Session, public_id: str) -> Member | None:
    """Who somebody turned out to be, held until the end; None if those are gone, too."""
    seen: set[str] = set()
    into: str | None = public_id
    while into is not None and into not in seen:
        seen.add(into)
        gone = session.get(GoneMember, into)
        if gone is None:
            wanted = sa.select(Member).where(Member.public_id == into).with_for_update()
            return session.scalar(wanted)
        into = gone.into_id
    return None
