"""One code that was sent: a text message that the store paid for, or a mail."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup
from core.models.login import LoginWay


class SendState(enum.StrEnum):
    BEGUN = "begun"
    """Counted, not yet taken by a carrier; it stays so if none took it."""
    TAKEN = "taken"
    DELIVERED = "delivered"
    LOST = "lost"
    """The carrier says that it did not arrive."""


class CodeSend(Base):
    """That a code was sent: to which account (blind index), from which device, when.

    Written and counted by portal, which limits sends per number, device and store;
    rows older than a day are deleted by the retention job.
    """

    __tablename__ = "code_sends"
    __table_args__ = (
        Index("code_sends_of_account", "account_lookup", "sent_at"),
        Index("code_sends_of_device", "device_id", "sent_at"),
        # "How many has the store sent today?"
        Index("code_sends_of_day", "sent_at"),
    )

    id: Mapped[IntKey]
    account_lookup: Mapped[Lookup]
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"))
    login_id: Mapped[int | None] = mapped_column(
        ForeignKey("logins.id", ondelete="SET NULL"), index=True
    )
    way: Mapped[LoginWay] = mapped_column(
        sa.Enum(
            LoginWay,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        ),
        server_default=LoginWay.SMS,
    )
    sent_at: Mapped[dt.datetime]
    state: Mapped[SendState] = mapped_column(
        sa.Enum(SendState, native_enum=False, values_callable=lambda e: [m.value for m in e])
    )
    carrier: Mapped[str | None] = mapped_column(sa.String(16))
    message_id: Mapped[str | None] = mapped_column(sa.String(64))
    """The carrier's own, to ask it what became of the message."""
