"""That a store has to erase a member."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import IntKey, Ulid
from hq.models.base import Base


class ErasureOrder(Base):
    """One member of one store, who was erased in another; kept until the store has done it.

    Written by `hq.erasures` when the tombstone is folded. A store fetches its own and names
    those it has done; they are deleted a while later.
    """

    __tablename__ = "erasure_orders"
    __table_args__ = (
        sa.UniqueConstraint("store_id", "store_member"),
        # "What waits for this store?"
        Index("erasure_orders_of_store", "store_id", "done_at"),
        # A number given out twice could pass for one that is already done.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[IntKey]
    store_id: Mapped[str] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    store_member: Mapped[Ulid]
    """The member's public id in that store."""
    told_by: Mapped[str] = mapped_column(sa.String(63), default="")
    """The store that told of the erasure."""
    ordered_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None] = mapped_column(index=True)
