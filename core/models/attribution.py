"""Who brought whom: sources, and which one a phone or a member is put down to."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey


class SourceKind(enum.StrEnum):
    GUIDE = "guide"
    POSTER = "poster"


class Source(Base):
    """A sales guide or a poster with a QR code of its own.

    Written by the dashboard. An ended one counts for nobody new; who was put down to it stays.
    """

    __tablename__ = "sources"

    id: Mapped[IntKey]
    kind: Mapped[SourceKind] = mapped_column(
        sa.Enum(
            SourceKind,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        )
    )
    name: Mapped[str] = mapped_column(sa.String(80))
    code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    """What the QR code carries; says nothing by itself."""
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class DeviceSource(Base):
    """The source of a phone that has not logged in since it came by a QR code.

    Written by portal, which hands it on to the member at the login. Deleted by then, or by
    the retention job once `until` is over.
    """

    __tablename__ = "device_sources"

    device_id: Mapped[int] = mapped_column(
        ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True
    )
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    since: Mapped[dt.datetime]
    entered_at: Mapped[dt.datetime]
    """When it last came by that source."""
    protected_until: Mapped[dt.datetime]
    until: Mapped[dt.datetime]


class MemberSource(Base):
    """The source that a member is put down to, by the rules of `portal.promotion.attribution`.

    Written by portal. Read by the dashboard, which counts members by source.
    """

    __tablename__ = "member_sources"

    member_id: Mapped[int] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True
    )
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    since: Mapped[dt.datetime]
    entered_at: Mapped[dt.datetime]
    protected_until: Mapped[dt.datetime]
    """Until then no other source takes the member over."""
    until: Mapped[dt.datetime]
