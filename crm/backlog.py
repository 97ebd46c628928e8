"""Reads what waits in the outbox."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType

UNANSWERED = "unanswered"
SEAL_BROKEN = "seal_broken"
# What keeps one event waiting. Any other `last_error` of a waiting event is about the
# CRM as a whole.
_OF_ONE_EVENT = ("", UNANSWERED, SEAL_BROKEN)

# No wait is longer: if one seems so, the clock was wrong when it was written, as on a
# box that keeps no time while it is off.
_LONGEST_WAIT = dt.timedelta(hours=2)

_waiting = OutboxEvent.state == OutboxState.WAITING


def due(session: Session, limit: int, now: dt.datetime) -> list[OutboxEvent]:
    """The oldest waiting event of each subject, if its time has come; in order of `id`.

    Who is to be forgotten is not kept waiting for other news: tombstones come first.
    """
    earlier = aliased(OutboxEvent)
    behind_another = sa.exists().where(
        earlier.state == OutboxState.WAITING,
        earlier.subject == OutboxEvent.subject,
        earlier.id < OutboxEvent.id,
    )
    query = (
        sa.select(OutboxEvent)
        .where(_waiting, ~_must_wait(now), ~behind_another)
        .order_by(OutboxEvent.type != EventType.MEMBER_ERASED, OutboxEvent.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def is_paused(session: Session, now: dt.datetime) -> bool:
    """Whether the CRM failed lately and shall not be asked again yet."""
    failed = sa.exists().where(
        _waiting, OutboxEvent.last_error.not_in(_OF_ONE_EVENT), _must_wait(now)
    )
    return session.scalars(sa.select(failed)).one()


def _must_wait(now: dt.datetime) -> sa.ColumnElement[bool]:
    return OutboxEvent.next_attempt_at.between(now + dt.timedelta.resolution, now + _LONGEST_WAIT)
