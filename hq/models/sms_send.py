"""A text message that headquarters sent for a store."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import IntKey, Lookup
from hq.models.base import Base


class SmsState(enum.StrEnum):
    BEGUN = "begun"
    """A carrier is asked, or was when a program ended: it may have sent."""
    TAKEN = "taken"
    NOT_TAKEN = "not_taken"


class SmsSend(Base):
    """That a store had a code sent to a number (blind index); neither number nor code.

    Written and counted by `hq.sms_relay`, for its limits, and so that a question that comes
    again sends nothing again; deleted after two days.
    """

    __tablename__ = "sms_sends"
    __table_args__ = (
        sa.UniqueConstraint("store_id", "message_id"),
        # "How many has this store sent today?" and the same of a number, by whatever store.
        Index("sms_sends_of_store", "store_id", "sent_at"),
        Index("sms_sends_of_number", "number_lookup", "sent_at"),
        Index("sms_sends_of_day", "sent_at"),
    )

    id: Mapped[IntKey]
    store_id: Mapped[str] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(sa.String(26))
    """The store's, a ULID."""
    number_lookup: Mapped[Lookup]
    sent_at: Mapped[dt.datetime]
    state: Mapped[SmsState] = mapped_column(
        sa.Enum(
            SmsState, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]
        )
    )
    outcome: Mapped[str] = mapped_column(sa.String(16), default="")
    """What the store was told, as a word (`core.headquarters.SmsRefusal`); empty: taken."""
    carrier: Mapped[str | None] = mapped_column(sa.String(16))
    carrier_message_id: Mapped[str | None] = mapped_column(sa.String(64))
    """The carrier's own, to ask it what became of the message."""
