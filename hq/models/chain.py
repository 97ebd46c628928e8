"""Members of the chain: who is one person across stores."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.models.base import IntKey, Lookup, Sealed, Ulid
from core.models.identity import IdentityKind
from hq.models.base import Base

VALUE = "chain_identities.sealed_value"
ATTRIBUTION = "chain_links.sealed_attribution"


class ChainMember(Base):
    """One person as the chain's CRM knows them. All that is known of them hangs on their links.

    Written by `hq.intake`. `version` grows with every event that the CRM is sent.
    """

    __tablename__ = "chain_members"

    id: Mapped[IntKey]
    public_id: Mapped[Ulid] = mapped_column(unique=True)
    """What the CRM knows them by; says nothing about the person."""
    enrolled_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=0)
    told: Mapped[Lookup | None]
    """A keyed hash of what the CRM was told of them last, so that it is told once."""
    told_attribution: Mapped[Lookup | None]


class ChainLink(Base):
    """A member of one store, and whom the chain takes them for.

    Written by `hq.intake` from the store's events. Once erased it keeps nothing but its ids and
    blind indexes, so that late news brings nobody back.
    """

    __tablename__ = "chain_links"
    __table_args__ = (UniqueConstraint("store_id", "store_member"),)

    id: Mapped[IntKey]
    store_id: Mapped[str] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    store_member: Mapped[Ulid]
    """What the store calls them."""
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("chain_members.id", ondelete="SET NULL"), index=True
    )
    into_id: Mapped[int | None] = mapped_column(
        ForeignKey("chain_links.id", ondelete="SET NULL"), index=True
    )
    """The member of the same store into whom that store has merged them."""
    version: Mapped[int] = mapped_column(default=0)
    """Of the newest event about them."""
    state_version: Mapped[int] = mapped_column(default=0)
    """Of the newest that told how they are: what is older changes nothing of it."""
    language: Mapped[str] = mapped_column(sa.String(8), default="")
    enrolled_at: Mapped[dt.datetime]
    consents: Mapped[dict[str, list[object]]] = mapped_column(sa.JSON, default=dict)
    """By purpose: whether it is given, and since when."""
    sealed_attribution: Mapped[Sealed | None]
    """Who brought them, as the store last said."""
    erased_at: Mapped[dt.datetime | None]
    """When they were erased, in this store or another."""
    is_erased: Mapped[bool] = mapped_column(default=False)
    """Whether nothing is kept of them any more."""
    identities: Mapped[list["ChainIdentity"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    into: Mapped["ChainLink | None"] = relationship(remote_side="ChainLink.id")
    member: Mapped[ChainMember | None] = relationship()


class ChainIdentity(Base):
    """A key by which a store knows a member, with the times that `core.one_member` goes by."""

    __tablename__ = "chain_identities"
    __table_args__ = (UniqueConstraint("link_id", "kind", "lookup"),)

    id: Mapped[IntKey]
    link_id: Mapped[int] = mapped_column(ForeignKey("chain_links.id", ondelete="CASCADE"))
    kind: Mapped[IdentityKind] = mapped_column(
        sa.Enum(
            IdentityKind,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        )
    )
    lookup: Mapped[Lookup] = mapped_column(index=True)
    sealed_value: Mapped[Sealed]
    """Emptied once it is theirs no longer, or they are erased."""
    first_at: Mapped[dt.datetime]
    """The first proof of it that we heard of."""
    verified_at: Mapped[dt.datetime]
    """The last."""
    bound_at: Mapped[dt.datetime | None]
    """The last one together with a WeChat account."""
    gone_at: Mapped[dt.datetime | None]
    """When the store said that it is theirs no longer."""
