"""What stores have sent, until it is folded into what headquarters knows."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import IntKey, Sealed, Ulid
from hq.models.base import Base

BODY = "inbox_batches.sealed_body"
DATA = "parked_events.sealed_data"

_WAITING = sa.text("state = 'waiting'")


class InboxState(enum.StrEnum):
    WAITING = "waiting"
    FOLDED = "folded"
    PARKED = "parked"
    """It cannot be folded; a person has to look."""


class InboxBatch(Base):
    """The body of one request, whole: sealed once, not a thousand times.

    Written by `hq.intake.inbox`. Read by `hq.intake.folding`, and deleted when none of its
    events waits any more.
    """

    __tablename__ = "inbox_batches"

    id: Mapped[IntKey]
    store_id: Mapped[str] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    received_at: Mapped[dt.datetime]
    sealed_body: Mapped[Sealed]
    """A JSON array of events, packed by gzip if it came so."""
    is_let_through: Mapped[bool] = mapped_column(default=False)
    """Put back by a person: no limit on erasures holds for it."""


class InboxEvent(Base):
    """That an event was taken in: by its id it is known when it comes again.

    Written by `hq.intake.inbox`. Read by `hq.intake.folding` and by the nightly reconciliation.
    No foreign keys: each would be looked up for every one of a thousand rows.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        # "What waits of this store, in the order in which it came?"
        Index(
            "inbox_waiting",
            "store_id",
            "batch_id",
            "position",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    store_id: Mapped[str] = mapped_column(sa.String(63), primary_key=True)
    event_id: Mapped[Ulid] = mapped_column(primary_key=True)
    """After the store: of no other store can it take the id."""
    batch_id: Mapped[int] = mapped_column(sa.BigInteger)
    position: Mapped[int]
    """In the batch's array."""
    type: Mapped[str] = mapped_column(sa.String(64))
    subject: Mapped[str] = mapped_column(sa.String(64))
    occurred_at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    state: Mapped[InboxState] = mapped_column(
        sa.Enum(InboxState, native_enum=False, values_callable=lambda e: [m.value for m in e])
    )


class ParkedEvent(Base):
    """What an event says that could not be folded; the rest of its batch is forgotten.

    Written by `hq.intake.folding`. Shown and put back by `doorman hq inbox`.
    """

    __tablename__ = "parked_events"
    __table_args__ = (UniqueConstraint("store_id", "event_id"),)

    id: Mapped[IntKey]
    store_id: Mapped[str] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    event_id: Mapped[Ulid]
    parked_at: Mapped[dt.datetime]
    reason: Mapped[str] = mapped_column(sa.String(64))
    """A word of ours."""
    sealed_data: Mapped[Sealed]
    """The event, a JSON object."""
