"""News for the CRM, waiting to be sent."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Sealed, Ulid


class OutboxState(enum.StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    PARKED = "parked"
    """Refused for good by the CRM; a person has to look."""


class OutboxEvent(Base):
    """One event, written in the same transaction as what it tells of.

    That is why there is a table and no message queue: a queue beside the database
    could lose the news of a committed change, or announce one that was rolled back.
    Written by `core.outbox.add` (portal, analytics). Sent, in order of `id`, by crm.
    """

    __tablename__ = "outbox_events"
    __table_args__ = (
        # crm asks "what is next?"
        Index("outbox_events_next", "state", "id"),
        # "Is there earlier news of the same subject?"
        Index("outbox_events_of_subject", "state", "subject", "id"),
    )

    id: Mapped[IntKey]
    event_id: Mapped[Ulid] = mapped_column(unique=True)
    """By this the CRM knows an event it has already had."""
    type: Mapped[str] = mapped_column(sa.String(64))
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
    last_error: Mapped[str] = mapped_column(sa.String(200), default="")
    """A reason of ours or an HTTP status; never the CRM's own words, which may quote data."""
    sent_at: Mapped[dt.datetime | None]
