"""A store of the chain."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Sealed
from hq.models.base import Base

KEY = "stores.sealed_key"


class Store(Base):
    """One store, by the name it has in its own settings (`store.id`).

    Written by `doorman hq add-store`. Read with every question that a store asks.
    """

    __tablename__ = "stores"

    id: Mapped[str] = mapped_column(sa.String(63), primary_key=True)
    portal_urls: Mapped[list[str]] = mapped_column(sa.JSON)
    """Where its shoppers may be sent back to, as scheme, host and port: nowhere else."""
    sealed_key: Mapped[Sealed]
    """Signs its questions, and the tokens that come back to its portal."""
    added_at: Mapped[dt.datetime]
