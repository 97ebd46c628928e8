"""News for the CRM, waiting to be sent."""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Sealed, Ulid


class OutboxState(enum.StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    PARKED = "parked"
    """Refused for good by the CRM; a person has to look."""


def _only(rows: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(rows), "postgresql_where": sa.text(rows)}


class OutboxEvent(Base):
    """One event, written in the same transaction as what it tells of.

    That is why there is a table and no message queue: a queue beside the database
    could lose the news of a committed change, or announce one that was rolled back.
    Written by `core.outbox.add` (portal, analytics), and by headquarters for its stores. Sent
    by crm, for each source and subject in order of `id`.
    """

    __tablename__ = "outbox_events"
    # What is sent leaves the indexes, so that they stay small however long it is kept.
    __table_args__ = (
        # crm asks "what is next?"
        Index("outbox_events_waiting", "id", **_only("state = 'waiting'")),
        Index(
            "outbox_events_tombstones",
            "id",
            **_only("state = 'waiting' AND type = 'doorman.member.erased'"),
        ),
        # "Is there earlier news of the same subject?" Erasure asks whether there is any.
        Index("outbox_events_of_subject", "subject", "source", "id"),
        # Whoever mends asks "what is parked?"
        Index("outbox_events_parked", "id", **_only("state = 'parked'")),
        # crm writes down by `id` what became of a row, which may be gone by then: SQLite must not
        # have given its number to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[IntKey]
    event_id: Mapped[Ulid] = mapped_column(unique=True)
    """By this the CRM knows an event it has already had."""
    type: Mapped[str] = mapped_column(sa.String(64))
    source: Mapped[str] = mapped_column(sa.String(63), default="")
    """Id of the store it comes from; empty: whoever sends it."""
    subject: Mapped[str] = mapped_column(sa.String(64))
    """What the event is about: a member's public id, or a day. Never a person's data."""
    occurred_at: Mapped[dt.datetime]
    sealed_data: Mapped[Sealed]
    """JSON object, sealed, because it may hold a phone number; emptied once sent."""
    state: Mapped[OutboxState] = mapped_column(
        sa.Enum(OutboxState, native_enum=False, values_callable=lambda e: [m.value for m in e]),
        default=OutboxState.WAITING,
    )
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[dt.datetime]
    """Of this event alone; of all together `CrmLine.open_until` tells."""
    last_error: Mapped[str] = mapped_column(sa.String(200), default="")
    """Why it waits or is parked: a reason of ours or an HTTP status;
    never the CRM's own words, which may quote data."""
    sent_at: Mapped[dt.datetime | None]
