"""Leave for a phone that has not logged in to open WeChat for a minute or three."""

import datetime as dt
import enum

import sqlalchemy as sa
import ulid
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Ulid


class PassKind(enum.StrEnum):
    IOS = "ios"
    """Apple's probe is answered as its maker would, so that the sheet can be left."""
    ANDROID = "android"
    """The phone goes on believing that it is captive: its page closes if it does not."""


class PassEnd(enum.StrEnum):
    LOGGED_IN = "logged_in"
    """The grant of a login took its place."""
    REVOKED = "revoked"
    EXPIRED = "expired"


class TemporaryPass(Base):
    """That a device could reach the pass hosts from `started_at` until `expires_at`.

    Written by portal before the gate opens. Counted by it, so many a day; and kept as
    long as a grant, since it says who used the network and when, without proof of who.
    Over by itself with its time; that this is noted may take the jobs some seconds more.
    """

    __tablename__ = "temporary_passes"
    __table_args__ = (
        # "How many has this device had today, and does one run?"
        Index("temporary_passes_of_device", "device_id", "started_at"),
        # "Whose time is up?": a few, of half a year's.
        Index(
            "temporary_passes_open",
            "expires_at",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[IntKey]
    session_id: Mapped[Ulid | None] = mapped_column(default=lambda: str(ulid.ULID()))
    """As of a grant."""
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"))
    kind: Mapped[PassKind] = mapped_column(
        sa.Enum(PassKind, native_enum=False, values_callable=lambda e: [m.value for m in e])
    )
    started_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    opened_at: Mapped[dt.datetime | None]
    """When the gate said that it had opened. None: it may be open, but nobody relies on it."""
    ended_at: Mapped[dt.datetime | None]
    end_cause: Mapped[PassEnd | None] = mapped_column(
        sa.Enum(PassEnd, native_enum=False, values_callable=lambda e: [m.value for m in e])
    )
