"""Orders to stores to erase whom another store has erased."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hq.models.erasure_order import ErasureOrder

MOST = 100


class Order(NamedTuple):
    number: int
    member: str
    """As the store knows them."""


def order(session: Session, store_id: str, store_member: str, now: dt.datetime) -> None:
    """Have a store erase a member; once, however often it is called."""
    insert = postgresql.insert if session.get_bind().dialect.name != "sqlite" else sqlite.insert
    row = {"store_id": store_id, "store_member": store_member, "ordered_at": now}
    session.execute(insert(ErasureOrder).values(row).on_conflict_do_nothing())


def settle(session: Session, store_id: str, done: Sequence[int], now: dt.datetime) -> None:
    """The store has erased these; an order of another store's is left alone."""
    session.execute(
        sa.update(ErasureOrder)
        .where(
            ErasureOrder.store_id == store_id,
            ErasureOrder.id.in_(done),
            ErasureOrder.done_at.is_(None),
        )
        .values(done_at=now)
    )


def waiting(session: Session, store_id: str) -> list[Order]:
    """What the store has to do, the oldest first, at most `MOST` at a time."""
    rows = session.execute(
        sa.select(ErasureOrder.id, ErasureOrder.store_member)
        .where(ErasureOrder.store_id == store_id, ErasureOrder.done_at.is_(None))
        .order_by(ErasureOrder.id)
        .limit(MOST)
    )
    return [Order(number, member) for number, member in rows]


def count_waiting(session: Session, store_id: str) -> int:
    counted = sa.select(sa.func.count(ErasureOrder.id)).where(
        ErasureOrder.store_id == store_id, ErasureOrder.done_at.is_(None)
    )
    return session.scalars(counted).one()
