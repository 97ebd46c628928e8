"""What is told of who brought a member, and of coupons and campaigns."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from core.events.shapes import AboutMember, Part


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
    since: AwareDatetime
    """When they first came by it."""
    until: AwareDatetime
    """From then on nobody counts, unless they come again."""


class CampaignName(Part):
    id: Annotated[int, Field(ge=1)]
    """Of this store."""
    name: Annotated[str, Field(min_length=1, max_length=80)]


class CouponIssued(AboutMember):
    """A member got a coupon: at most one of each campaign."""

    campaign: CampaignName
    code: Annotated[str, Field(min_length=1, max_length=32)]
    """What they show at the till."""
    issued_at: AwareDatetime
    expires_at: AwareDatetime


class CouponUsed(AboutMember):
    """A coupon was used at the till: at most once."""

    campaign: CampaignName
    code: Annotated[str, Field(min_length=1, max_length=32)]
    used_at: AwareDatetime


class CampaignClick(AboutMember):
    """A member who agreed to `marketing` followed a campaign's link."""

    campaign: CampaignName
    clicked_at: AwareDatetime
