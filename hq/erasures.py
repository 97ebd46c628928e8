"""Orders to stores to erase whom another store has erased."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hq.models.erasure_order import ErasureOrder

MOST = 100
TOO_MANY = "too_many_erasures"
_DAY = dt.timedelta(days=1)


class TooManyErasuresError(Exception):
    """A store has erased more of the other stores' members in a day than it may."""


class Order(NamedTuple):
    number: int
    member: str
    """As the store knows them."""


def order(
    session: Session, store_id: str, store_member: str, *, told_by: str, now: dt.datetime
) -> None:
    """Have a store erase a member whom another has; once, however often it is called."""
    insert = postgresql.insert if session.get_bind().dialect.name != "sqlite" else sqlite.insert
    row = {
        "store_id": store_id,
        "store_member": store_member,
        "told_by": told_by,
        "ordered_at": now,
    }
    session.execute(insert(ErasureOrder).values(row).on_conflict_do_nothing())


def check(session: Session, most: int, now: dt.datetime) -> None:
    """TooManyErasuresError if what is ordered `now` makes more than `most` of a store in a day."""
    beyond = (
        sa.select(ErasureOrder.told_by)
        .where(ErasureOrder.ordered_at > now - _DAY)
        .group_by(ErasureOrder.told_by)
        .having(sa.func.count() > most, sa.func.max(ErasureOrder.ordered_at) == now)
    )
    if session.scalars(beyond).first() is not None:
        raise TooManyErasuresError


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
