"""Orders to stores to end the consent to marketing of whom the chain's CRM says so."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.consent import Purpose
from hq.models.chain import ChainLink, ChainMember
from hq.models.withdrawal_order import WithdrawalOrder

MOST = 100


class Order(NamedTuple):
    number: int
    member: str
    """As the store knows them."""
    withdrawn_at: dt.datetime


def order(session: Session, member: str, at: dt.datetime | None, now: dt.datetime) -> int | None:
    """Have every store that knows a member of the chain end their consent; once for each time.

    Args:
        session: the transaction.
        member: the chain's id.
        at: when they withdrew; None if nobody knows, which counts as now if a store has told
            that they agree.
        now: the time.

    Returns:
        How many stores are ordered anew; None if there is no such member.
    """
    known = sa.select(ChainMember.id).where(ChainMember.public_id == member)
    member_id = session.scalar(known)
    if member_id is None:
        return None
    links = session.scalars(
        sa.select(ChainLink).where(
            ChainLink.member_id == member_id,
            ChainLink.into_id.is_(None),
            ChainLink.is_erased.is_(False),
        )
    )
    return sum(_order_one(session, link, at, now) for link in links if at or _agrees(link))


def settle(session: Session, store_id: str, done: Sequence[int], now: dt.datetime) -> None:
    """The store has seen to these; an order of another store's is left alone."""
    session.execute(
        sa.update(WithdrawalOrder)
        .where(
            WithdrawalOrder.store_id == store_id,
            WithdrawalOrder.id.in_(done),
            WithdrawalOrder.done_at.is_(None),
        )
        .values(done_at=now)
    )


def waiting(session: Session, store_id: str) -> list[Order]:
    """What the store has to do, the oldest first, at most `MOST` at a time."""
    rows = session.scalars(
        sa.select(WithdrawalOrder)
        .where(WithdrawalOrder.store_id == store_id, WithdrawalOrder.done_at.is_(None))
        .order_by(WithdrawalOrder.id)
        .limit(MOST)
    )
    return [Order(row.id, row.store_member, row.withdrawn_at) for row in rows]


def count_waiting(session: Session, store_id: str) -> int:
    counted = sa.select(sa.func.count(WithdrawalOrder.id)).where(
        WithdrawalOrder.store_id == store_id, WithdrawalOrder.done_at.is_(None)
    )
    return session.scalars(counted).one()


def _order_one(session: Session, link: ChainLink, at: dt.datetime | None, now: dt.datetime) -> bool:
    mine = (
        WithdrawalOrder.store_id == link.store_id,
        WithdrawalOrder.store_member == link.store_member,
    )
    row = session.scalar(sa.select(WithdrawalOrder).where(*mine).with_for_update())
    withdrawn_at = min(at or now, now)
    if row is not None and (row.done_at is None or row.withdrawn_at >= withdrawn_at):
        return False
    if row is not None:
        # A new number: the store may still name the one before as done.
        session.delete(row)
        session.flush()
    session.add(
        WithdrawalOrder(
            store_id=link.store_id,
            store_member=link.store_member,
            withdrawn_at=withdrawn_at,
            ordered_at=now,
        )
    )
    return True


def _agrees(link: ChainLink) -> bool:
    said = link.consents.get(Purpose.MARKETING)
    return bool(said and said[0])
