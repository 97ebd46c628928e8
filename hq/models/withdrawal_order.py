"""That a store has to end a member's consent to marketing."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import IntKey, Ulid
from hq.models.base import Base


class WithdrawalOrder(Base):
    """One member of one store, who wants no marketing, as the chain's CRM says.

    Written by `hq.withdrawal_orders`. A store fetches its own and names those it has seen to;
    they are deleted a while later.
    """

    __tablename__ = "withdrawal_orders"
    __table_args__ = (
        sa.UniqueConstraint("store_id", "store_member"),
        # "What waits for this store?"
        Index("withdrawal_orders_of_store", "store_id", "done_at"),
        # A number given out twice could pass for one that is already done.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[IntKey]
    store_id: Mapped[str] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    store_member: Mapped[Ulid]
    """The member's public id in that store."""
    withdrawn_at: Mapped[dt.datetime]
    """When they said so, as the CRM has it. What they agreed to later stands."""
    ordered_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None] = mapped_column(index=True)
