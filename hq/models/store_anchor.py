"""Where the access log of a store stood, as it said on some day."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import IntKey
from hq.models.base import Base


class StoreAnchor(Base):
    """Number and hash of the newest row of a store's access log (docs/decisions/0030).

    Written by `hq.anchors`, added to and never changed: a store that says something else of
    the same number gets a second row. Read by whoever verifies the store's log.
    """

    __tablename__ = "store_anchors"
    __table_args__ = (sa.UniqueConstraint("store_id", "number", "hash"),)

    id: Mapped[IntKey]
    store_id: Mapped[str] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    told_at: Mapped[dt.datetime]
    """By our clock."""
    fits: Mapped[bool]
    """Whether it can be the same log's as what was told before."""
