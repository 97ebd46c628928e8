"""The key with which an app of ours calls WeChat."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Sealed
from hq.models.base import Base

TOKEN = "access_tokens.sealed_token"  # noqa: S105 - the name of a column


class AccessToken(Base):
    """The access token of one app, shared by all workers. Written by `hq.wechat.tokens`."""

    __tablename__ = "access_tokens"

    app_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    sealed_token: Mapped[Sealed | None]
    expires_at: Mapped[dt.datetime | None]
    claimed_until: Mapped[dt.datetime | None]
    """Until then one worker is at WeChat for a new one, and the others are not."""
    forced_at: Mapped[dt.datetime | None]
    """When WeChat was last told to make a new one: 20 times a day, 30 seconds apart."""
