"""A shopper of some store on the way through WeChat."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hq.models.base import Base


class WechatLogin(Base):
    """One login that a store's portal has begun. Nothing in it says who the shopper is.

    Written and read by hq; deleted an hour after its end (`hq.retention`).
    """

    __tablename__ = "wechat_logins"
    __table_args__ = (
        # "How many has this store begun in the last minute?"
        Index("wechat_logins_of_store", "store_id", "begun_at"),
    )

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """Random; scene of the QR code, state of OAuth, query of the mini-program."""
    store_id: Mapped[str] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    reference: Mapped[str] = mapped_column(sa.String(64))
    """What the store calls the device that began; opaque here."""
    return_url: Mapped[str] = mapped_column(sa.String(500))
    language: Mapped[str] = mapped_column(sa.String(8))
    match_code: Mapped[str] = mapped_column(sa.String(4))
    """Shown by the portal and by the mini-program, so that nobody proves for another."""
    begun_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    state_used_at: Mapped[dt.datetime | None]
    """When a browser came back with the state; it may do so once."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often the mini-program has sent codes for it."""
    redeemed_at: Mapped[dt.datetime | None]
