"""Who is signed in to the dashboard, and who has tried to be."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup


class SignIn(Base):
    """One browser that is signed in. Written and read by the dashboard; a row that is gone is
    a browser that is out, whatever cookie it has.
    """

    __tablename__ = "sign_ins"
    # A user's other browsers, when a password or role has changed.
    __table_args__ = (Index("sign_ins_user_id", "user_id"),)

    id: Mapped[IntKey]
    token_lookup: Mapped[Lookup] = mapped_column(unique=True)
    """Of the random word in the browser's cookie."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    begun_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    """When its user last did something, to the minute."""


class FailedSignIn(Base):
    """One try with a wrong password or code, or one under way. Written and read by the dashboard.

    What was typed for a name may be a password, typed there by mistake: it is not kept.
    """

    __tablename__ = "failed_sign_ins"
    # "How often lately, this name, or from this address?"
    __table_args__ = (
        Index("failed_sign_ins_name", "name_lookup", "tried_at"),
        Index("failed_sign_ins_address", "address_lookup", "tried_at"),
    )

    id: Mapped[IntKey]
    name_lookup: Mapped[Lookup]
    address_lookup: Mapped[Lookup]
    tried_at: Mapped[dt.datetime]
