"""A shopper who chose to be a member."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Ulid


class Member(Base):
    """One person as the chain knows them. What identifies them is in `identities`.

    Written by portal. Read by portal, crm and the dashboard. `version` grows with
    every event that the CRM hears about them, so that it can tell late news from new.
    """

    __tablename__ = "members"

    id: Mapped[IntKey]
    public_id: Mapped[Ulid] = mapped_column(unique=True)
    """What the CRM knows them by; says nothing about the person."""
    language: Mapped[str] = mapped_column(sa.String(8))
    enrolled_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)
