"""Which store knows which WeChat user."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Lookup
from hq.models.base import Base


class Binding(Base):
    """That a store was told an openid, so that it also hears when that user withdraws.

    Written when a store redeems; read and deleted when the user unfollows.
    """

    __tablename__ = "bindings"

    lookup: Mapped[Lookup] = mapped_column(primary_key=True)
    """Blind index of app id and openid."""
    store_id: Mapped[str] = mapped_column(
        ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True
    )
    bound_at: Mapped[dt.datetime]
