"""A store of the chain, its keys, and how much it has sent lately."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import IntKey, Sealed
from hq.models.base import Base

KEY = "store_keys.sealed_key"


class Store(Base):
    """One store, by the id it has in its own settings (`store.id`).

    Written by `doorman hq add-store`. Read with every question that a store asks.
    """

    __tablename__ = "stores"

    id: Mapped[str] = mapped_column(sa.String(63), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), default="")
    """For people. Empty: the id will do."""
    region: Mapped[str] = mapped_column(sa.String(80), default="")
    """By which the chain groups its stores; empty: none."""
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    portal_urls: Mapped[list[str]] = mapped_column(sa.JSON)
    """Where its shoppers may be sent back to, as scheme, host and port: nowhere else."""
    added_at: Mapped[dt.datetime]


class StoreKey(Base):
    """A key by which a store signs, and by which tokens that come back to its portal are signed.

    Written by `doorman hq add-store`, `rotate-key` and `revoke-key`. Good until it is revoked or
    has expired; several may be good at a time.
    """

    __tablename__ = "store_keys"

    id: Mapped[IntKey]
    store_id: Mapped[str] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), index=True)
    sealed_key: Mapped[Sealed]
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]
    used_at: Mapped[dt.datetime | None]
    """When it was last seen, to the hour."""


class StoreMinute(Base):
    """What a store has sent in one minute: its last. One row a store, written over.

    Written and read by `hq.intake.limits`.
    """

    __tablename__ = "store_minutes"

    store_id: Mapped[str] = mapped_column(
        ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True
    )
    minute: Mapped[int]
    """Since 1970."""
    events: Mapped[int]
    octets: Mapped[int]
