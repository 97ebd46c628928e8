"""What headquarters has published to its stores."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import IntKey, Sealed
from hq.models.base import Base

KEY = "signing_keys.sealed_key"


class Scope(enum.StrEnum):
    CHAIN = "chain"
    REGION = "region"
    STORE = "store"


class SigningKey(Base):
    """The private key (Ed25519) by which versions are signed. One row.

    Made and read by `hq.publishing` alone, which no web program calls.
    """

    __tablename__ = "signing_keys"

    id: Mapped[IntKey]
    sealed_key: Mapped[Sealed]
    made_at: Mapped[dt.datetime]


class PushedVersion(Base):
    """One version of settings, campaigns and wording, signed. Nothing of it ever changes.

    Written by `doorman hq publish`; a store fetches the newest one that is for it.
    """

    __tablename__ = "pushed_versions"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    scope: Mapped[Scope] = mapped_column(
        sa.Enum(Scope, native_enum=False, length=8, values_callable=lambda e: [m.value for m in e])
    )
    target: Mapped[str] = mapped_column(sa.String(80), default="")
    """The region's name, or the store's id; empty: the whole chain."""
    document: Mapped[bytes]
    """Canonical bytes (`core.pushed.document`): what is signed."""
    signature: Mapped[bytes] = mapped_column(sa.LargeBinary(64))
    published_at: Mapped[dt.datetime]


class PushedAudience(Base):
    """That a version is for a store. None for versions of the whole chain."""

    __tablename__ = "pushed_audiences"
    __table_args__ = (
        # "Which is the newest for this store?"
        Index("pushed_audiences_of_store", "store_id", "number"),
    )

    number: Mapped[int] = mapped_column(
        ForeignKey("pushed_versions.number", ondelete="CASCADE"), primary_key=True
    )
    store_id: Mapped[str] = mapped_column(
        ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True
    )
