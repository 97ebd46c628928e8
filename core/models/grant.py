"""Permission for one phone to use the internet for a while."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey


class EndCause(enum.StrEnum):
    EXPIRED = "expired"
    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"


class Grant(Base):
    """That a device may be online from `started_at` until `expires_at`.

    Written by portal before the gate admits the phone: better somebody offline than
    somebody online of whom we know nothing. Ended early by `core.revocation` alone.
    Read to tell a returning phone its state, and to let phones in again after a reboot.
    """

    __tablename__ = "grants"
    __table_args__ = (
        # "Is this device online, and until when?"
        Index("grants_of_device", "device_id", "expires_at"),
        # "Which grants still run?"
        Index("grants_running", "ended_at", "expires_at"),
    )

    id: Mapped[IntKey]
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"))
    login_id: Mapped[int] = mapped_column(ForeignKey("logins.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    started_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    end_cause: Mapped[EndCause | None] = mapped_column(
        sa.Enum(EndCause, native_enum=False, values_callable=lambda e: [m.value for m in e])
    )
