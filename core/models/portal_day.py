"""What a day at the portal came to: measured by logins, never by what the sensor hears."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Lookup


class PortalPhone(Base):
    """How far one phone came on one store-local day. Deleted once the day is closed.

    Written by portal, which knows who saw the first page and who followed a campaign, and by
    analytics.logins.funnel, which adds the steps that logins tell of. A step taken stays taken.
    """

    __tablename__ = "portal_phones"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    mark: Mapped[Lookup] = mapped_column(primary_key=True)
    """Of the phone and the day (`core.day_mark`): another every day."""
    asked: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    online: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    member: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    marketing: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    clicked: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class PortalDay(Base):
    """The funnel, the members and the enrolments of one store-local day. Counts alone.

    Written by analytics.logins.portal_rollup: over and over while the day runs, the last time with
    `closed_at`. Small counts stand here as they are; analytics.logins.portal_report shows them.
    """

    __tablename__ = "portal_days"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    saw: Mapped[int]
    """Phones; so are the five that follow, each a part of the one before."""
    asked: Mapped[int]
    online: Mapped[int]
    member: Mapped[int]
    marketing: Mapped[int]
    clicked: Mapped[int]
    first_visit: Mapped[int]
    """Members who agreed to visit analytics and enrolled on the day; those who follow were
    here before, by when the last time was."""
    back_7: Mapped[int]
    back_30: Mapped[int]
    back_90: Mapped[int]
    back_later: Mapped[int]
    enrolled: Mapped[int]
    """Members, whatever they agreed to."""
    updated_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]


class EnrolmentDay(Base):
    """Of a day's new members, those whom one source brought. Written with its PortalDay."""

    __tablename__ = "enrolment_days"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    members: Mapped[int]
