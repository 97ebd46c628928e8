"""What a store shows shoppers beside the Wi-Fi."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey


class Spot(enum.StrEnum):
    """Where on the way a campaign stands."""

    FIRST = "first"
    """The first page, before the login: nobody is known there."""
    ONLINE = "online"


class Audience(enum.StrEnum):
    """Who is shown a campaign. The segments are told apart by `portal.promotion.segments`."""

    EVERYONE = "everyone"
    MEMBERS = "members"
    NEW = "new"
    SEED = "seed"
    ACTIVE = "active"
    LOYAL = "loyal"
    DORMANT = "dormant"
    LOST = "lost"
    GROUP = "group"
    """A named list of members."""


class CouponKind(enum.StrEnum):
    NONE = "none"
    MADE = "made"
    """Codes are made by the campaign's pattern."""
    GIVEN = "given"
    """Codes are the chain's own, entered beforehand."""


class Campaign(Base):
    """One picture, one line, perhaps a link and a coupon; for some people, for some time.

    Written by the dashboard, read by portal. Which of several is shown says
    `portal.promotion.campaign_choice`.
    """

    __tablename__ = "campaigns"

    id: Mapped[IntKey]
    name: Mapped[str] = mapped_column(sa.String(80))
    """For the marketer; shoppers do not see it."""
    spot: Mapped[Spot] = mapped_column(
        sa.Enum(Spot, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e])
    )
    audience: Mapped[Audience] = mapped_column(
        sa.Enum(
            Audience, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]
        )
    )
    group_id: Mapped[int | None] = mapped_column(
        ForeignKey("member_groups.id", ondelete="SET NULL"), index=True
    )
    stores: Mapped[str] = mapped_column(sa.String(500), default="")
    """Ids of stores, a blank between two; empty: all."""
    language: Mapped[str] = mapped_column(sa.String(8), default="")
    """Of the page that it is shown on; empty: any."""
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    heading: Mapped[str] = mapped_column(sa.String(60))
    line: Mapped[str] = mapped_column(sa.String(200), default="")
    picture: Mapped[str] = mapped_column(sa.String(64), default="")
    """File name in the folder of pictures: the hash of what is in it."""
    picture_text: Mapped[str] = mapped_column(sa.String(120), default="")
    """What the picture says, for who cannot see it."""
    link: Mapped[str] = mapped_column(sa.String(1000), default="")
    coupon: Mapped[CouponKind] = mapped_column(
        sa.Enum(
            CouponKind,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        ),
        default=CouponKind.NONE,
    )
    coupon_pattern: Mapped[str] = mapped_column(sa.String(32), default="")
    """Each `#` becomes a letter or digit."""
    coupon_text: Mapped[str] = mapped_column(sa.String(80), default="")
    """What it is good for."""
    coupon_days: Mapped[int] = mapped_column(default=30)
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    pushed_key: Mapped[str | None] = mapped_column(sa.String(63), unique=True)
    """Of one that headquarters has pushed (`core.pushed.campaigns`): the dashboard shows it and
    changes nothing. Empty: the store's own."""


class CampaignDay(Base):
    """How often a campaign was shown and followed on one store-local day. Counts alone."""

    __tablename__ = "campaign_days"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    impressions: Mapped[int] = mapped_column(default=0)
    clicks: Mapped[int] = mapped_column(default=0)
