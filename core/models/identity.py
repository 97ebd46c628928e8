"""What proves that somebody is a certain member."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup, Sealed

VALUE = "identities.sealed_value"


class IdentityKind(enum.StrEnum):
    PHONE = "phone"
    UNIONID = "unionid"
    OPENID = "openid"
    """With the appid that it belongs to: `appid:openid`."""
    EMAIL = "email"


class Identity(Base):
    """One proven identifier of a member. Never a hardware address.

    Written by portal once a code was confirmed. Read by portal (is this a member?)
    and, opened, by crm and the dashboard, which shows it masked.
    """

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("kind", "lookup"),)

    id: Mapped[IntKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    kind: Mapped[IdentityKind] = mapped_column(
        sa.Enum(
            IdentityKind,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        )
    )
    lookup: Mapped[Lookup]
    sealed_value: Mapped[Sealed]
    verified_at: Mapped[dt.datetime]
    bound_at: Mapped[dt.datetime | None]
    """When it was last proven together with a WeChat account (`core.one_member`)."""
