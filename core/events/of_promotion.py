"""What is told of who brought a member, and of coupons and campaigns."""

from typing import Annotated, Literal

from pydantic import Field

from core.events.shapes import AboutMember, Moment, Part


class Source(Part):
    kind: Literal["guide", "poster"]
    """A sales guide, or a poster."""
    code: Annotated[str, Field(min_length=1, max_length=16)]
    """What its QR code carries."""
    name: Annotated[str, Field(min_length=1, max_length=80)]
    """As the store wrote it down."""


class Attribution(AboutMember):
    """Who counts as having brought a member, from now on."""

    source: Source
    since: Moment
    """When they first came by it."""
    until: Moment
    """From then on nobody counts, unless they come again."""


class CampaignName(Part):
    id: Annotated[int, Field(ge=1, lt=1 << 31)]
    """Of this store."""
    name: Annotated[str, Field(min_length=1, max_length=80)]


class CouponIssued(AboutMember):
    """A member got a coupon: at most one of each campaign."""

    campaign: CampaignName
    code: Annotated[str, Field(min_length=1, max_length=32)]
    """What they show at the till."""
    issued_at: Moment
    expires_at: Moment


class CouponUsed(AboutMember):
    """A coupon was used at the till: at most once."""

    campaign: CampaignName
    code: Annotated[str, Field(min_length=1, max_length=32)]
    used_at: Moment


class CampaignClick(AboutMember):
    """A member who agreed to `marketing` followed a campaign's link."""

    campaign: CampaignName
    clicked_at: Moment
