"""Writes down how events fared. Only waiting events change, so nothing is ever unsent."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.outbox_event import OutboxEvent, OutboxState


def sent(session: Session, rows: Iterable[OutboxEvent], now: dt.datetime) -> None:
    """The CRM has them. What they said is forgotten here."""
    _change(session, rows, state=OutboxState.SENT, sealed_data=b"", sent_at=now, last_error="")


def parked(session: Session, rows: Iterable[OutboxEvent], reason: str) -> None:
    """The CRM will never take them. They stay as they are for a person to look at."""
    _change(session, rows, state=OutboxState.PARKED, last_error=reason)


def postponed(
    session: Session, rows: Iterable[OutboxEvent], reason: str, until: dt.datetime
) -> None:
    _change(session, rows, next_attempt_at=until, last_error=reason)


def _change(session: Session, rows: Iterable[OutboxEvent], **values: Any) -> None:
    session.execute(
        sa.update(OutboxEvent)
        .where(
            OutboxEvent.id.in_([row.id for row in rows]),
            OutboxEvent.state == OutboxState.WAITING,
        )
        .values(attempts=OutboxEvent.attempts + 1, **values)
        .execution_options(synchronize_session=False)
    )
