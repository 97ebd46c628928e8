"""Reads what waits in the outbox, as many and as much at a time as one request may hold."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from core.models.base import UtcTime
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType

UNANSWERED = "unanswered"
SEAL_BROKEN = "seal_broken"

# No wait of one event is longer: if it seems so, the clock was wrong when it was written, as on a
# box that keeps no time while it is off.
_LONGEST_WAIT = dt.timedelta(minutes=16)

# Written out, not bound: a partial index is for those who name its very rows.
_WAITS: sa.ColumnElement[OutboxState] = sa.literal_column(f"'{OutboxState.WAITING}'")
_ERASED: sa.ColumnElement[str] = sa.literal_column(f"'{EventType.MEMBER_ERASED}'")


class Waiting(NamedTuple):
    """What is read of an event's row. As tuples, for there may be thousands a second."""

    id: int
    event_id: str
    type: str
    source: str
    subject: str
    occurred_at: dt.datetime
    sealed_data: bytes
    attempts: int


_COLUMNS = tuple(getattr(OutboxEvent, name) for name in Waiting._fields)


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """Of one request."""

    most: int
    most_bytes: int
    """Once it holds so much, no more; but one event at least."""
    now: dt.datetime


def tombstones(session: Session, after: int, limits: Limits) -> Sequence[Waiting]:
    """As `due`, of who is to be forgotten: kept waiting by no other news, not even their own."""
    return _due(session, _TOMBSTONES, after, limits)


def due(session: Session, after: int, limits: Limits) -> Sequence[Waiting]:
    """The oldest waiting event of each subject, if its time has come, in order of `id`.

    None with an id up to `after`. Limited in octets as well: days of news must fit into a box's
    memory.
    """
    return _due(session, _OTHERS, after, limits)


def _due(session: Session, query: sa.Select[Any], after: int, limits: Limits) -> Sequence[Waiting]:
    given = {
        "after": after,
        "soonest": limits.now + dt.timedelta.resolution,
        "latest": limits.now + _LONGEST_WAIT,
        "most": limits.most,
        "most_bytes": limits.most_bytes,
    }
    return [Waiting._make(row) for row in session.execute(query, given)]


def _behind_another() -> sa.ColumnElement[bool]:
    earlier = aliased(OutboxEvent)
    return sa.exists().where(
        earlier.subject == OutboxEvent.subject,
        earlier.source == OutboxEvent.source,
        earlier.id < OutboxEvent.id,
        earlier.state == _WAITS,
    )


def _query(*wanted: sa.ColumnElement[bool]) -> sa.Select[Any]:
    soonest, latest = (sa.bindparam(name, type_=UtcTime()) for name in ("soonest", "latest"))
    waits = OutboxEvent.next_attempt_at.between(soonest, latest)
    first = (
        sa.select(OutboxEvent.id, sa.func.length(OutboxEvent.sealed_data).label("size"))
        .where(OutboxEvent.state == _WAITS, *wanted, OutboxEvent.id > sa.bindparam("after"))
        .where(~waits)
        .order_by(OutboxEvent.id)
        .limit(sa.bindparam("most"))
        .subquery()
    )
    running = sa.func.sum(first.c.size).over(order_by=first.c.id, rows=(None, 0))
    fitting = sa.select(first.c.id, (running - first.c.size).label("before")).subquery()
    return (
        sa.select(*_COLUMNS)
        .join(fitting, fitting.c.id == OutboxEvent.id)
        .where(fitting.c.before < sa.bindparam("most_bytes"))
        .order_by(OutboxEvent.id)
    )


# Put together once: that takes longer than to read from an outbox in which nothing waits.
_TOMBSTONES = _query(OutboxEvent.type == _ERASED)
_OTHERS = _query(OutboxEvent.type != _ERASED, ~_behind_another())
