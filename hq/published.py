"""Versions that are published, as stores fetch them and people list them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hq.models.pushed_version import PushedAudience, PushedVersion, Scope


def newest(session: Session, store_id: str) -> int | None:
    """The number of the newest version that is for a store."""
    for_it = sa.exists().where(
        PushedAudience.number == PushedVersion.number, PushedAudience.store_id == store_id
    )
    return session.scalar(
        sa.select(sa.func.max(PushedVersion.number)).where(
            sa.or_(PushedVersion.scope == Scope.CHAIN, for_it)
        )
    )


def fetch(session: Session, store_id: str) -> PushedVersion | None:
    number = newest(session, store_id)
    return None if number is None else session.get_one(PushedVersion, number)


def listed(session: Session) -> Sequence[PushedVersion]:
    """The newest first."""
    return session.scalars(sa.select(PushedVersion).order_by(PushedVersion.number.desc())).all()
