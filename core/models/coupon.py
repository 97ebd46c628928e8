"""A code that is worth something at the till, once."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey


class Coupon(Base):
    """One coupon of a campaign: at most one a member.

    Codes that the chain gave lie here without a member until somebody gets them. Issued by
    portal at the login, used through the dashboard.
    """

    __tablename__ = "coupons"
    # A campaign has many coupons of nobody: to a database, no NULL equals another.
    __table_args__ = (UniqueConstraint("campaign_id", "member_id"),)

    id: Mapped[IntKey]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    issued_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime | None]
    used_at: Mapped[dt.datetime | None]
