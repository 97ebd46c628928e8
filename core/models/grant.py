"""Permission for one phone to use the internet for a while."""

import datetime as dt
import enum

import sqlalchemy as sa
import ulid
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Ulid


class EndCause(enum.StrEnum):
    EXPIRED = "expired"
    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"
    IDLE = "idle"
    """Nothing came or went for the grant's idle time-out."""
    QUOTA = "quota"
    """The data it was given are used up."""
    CLONED = "cloned"
    """Another device went on using its hardware address, however often a code was asked for."""


class Grant(Base):
    """That a device may be online from `started_at` until `expires_at`, and how much it may.

    Written by portal before the gate admits the phone: better somebody offline than
    somebody online of whom we know nothing. Ended early by `core.revocation` alone.
    Read to tell a returning phone its state, and to let phones in again after a reboot.

    The measures of its plan are copied here, so that what somebody was given stays as it
    was when the settings change. What it has used is added up by `portal.access.accounting`.
    """

    __tablename__ = "grants"
    __table_args__ = (
        # "Is this device online, and until when?"
        Index("grants_of_device", "device_id", "expires_at"),
        # "Which grants still run?"
        Index("grants_running", "ended_at", "expires_at"),
    )

    id: Mapped[IntKey]
    session_id: Mapped[Ulid | None] = mapped_column(default=lambda: str(ulid.ULID()))
    """What the access log calls it. None: it began before there was that log."""
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
    extension_s: Mapped[int] = mapped_column(default=0, server_default="0")
    """What one extension adds."""
    extensions_left: Mapped[int] = mapped_column(default=0, server_default="0")
    idle_timeout_s: Mapped[int] = mapped_column(default=0, server_default="0")
    """0: silence does not end it. The same for the limits below: 0 is none."""
    quota_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    """IP packets' bytes, both ways together."""
    down_kbit_s: Mapped[int] = mapped_column(default=0, server_default="0")
    up_kbit_s: Mapped[int] = mapped_column(default=0, server_default="0")
    bytes_up: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    bytes_down: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    last_active_at: Mapped[dt.datetime | None]
    """When the gate's counters were last seen to have grown."""
    challenged_at: Mapped[dt.datetime | None]
    """Since when it is on hold, its shopper having to enter a code (`portal.clones.challenges`)."""
    challenges: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often that was so."""
