"""That a WeChat user has stopped following."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import IntKey, Sealed
from hq.models.base import Base

USER = "withdrawals.sealed_user"


class Withdrawal(Base):
    """One store has to forget one openid; kept until the store has fetched it.

    Written when the user unfollows, for each store that knows them. Fetched in order of
    `id`; a store's next question names those it has seen to, and they are deleted.
    """

    __tablename__ = "withdrawals"
    __table_args__ = (
        # "What is new for this store?"
        Index("withdrawals_of_store", "store_id", "id"),
        # A number given out twice could pass for one that is already fetched.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[IntKey]
    store_id: Mapped[str] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    sealed_user: Mapped[Sealed]
    """JSON: app id and openid."""
    withdrawn_at: Mapped[dt.datetime]
