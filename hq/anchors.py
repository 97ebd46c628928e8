"""Keeps where the access logs of stores stand, so that no store can write its own anew unseen."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hq.models.store_anchor import StoreAnchor


def keep(session: Session, store_id: str, number: int, digest: bytes, now: dt.datetime) -> bool:
    """Add what a store says; whether it fits what it said before. Said again, it adds nothing."""
    of_store = StoreAnchor.store_id == store_id
    doubtful = sa.select(StoreAnchor.id).where(
        of_store,
        sa.or_(
            StoreAnchor.number > number,
            sa.and_(StoreAnchor.number == number, StoreAnchor.hash != digest),
        ),
    )
    fits = session.scalar(doubtful.limit(1)) is None
    insert = postgresql.insert if session.get_bind().dialect.name != "sqlite" else sqlite.insert
    row = {"store_id": store_id, "number": number, "hash": digest, "told_at": now, "fits": fits}
    session.execute(insert(StoreAnchor).values(row).on_conflict_do_nothing())
    return fits


def listed(session: Session, store_id: str) -> Sequence[StoreAnchor]:
    """All of a store, in the order in which they came."""
    return session.scalars(
        sa.select(StoreAnchor).where(StoreAnchor.store_id == store_id).order_by(StoreAnchor.id)
    ).all()
