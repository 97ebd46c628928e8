"""What WeChat has said about who somebody is."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import IntKey, Lookup, Sealed
from core.wechat_relay import Way
from hq.models.base import Base

IDENTITY = "proofs.sealed_identity"


class Proof(Base):
    """One identity that WeChat gave for one login, until the store has redeemed it.

    Written by hq when the shopper comes through a way. Read once by the store: by the token
    in a link, or, for the mini-program, by the login's id. Deleted with its login.
    """

    __tablename__ = "proofs"

    id: Mapped[IntKey]
    login_id: Mapped[str] = mapped_column(
        ForeignKey("wechat_logins.id", ondelete="CASCADE"), index=True
    )
    way: Mapped[Way] = mapped_column(
        sa.Enum(Way, native_enum=False, values_callable=lambda e: [m.value for m in e])
    )
    token_lookup: Mapped[Lookup | None] = mapped_column(unique=True)
    """Blind index of the token; empty where the login's id is enough."""
    sealed_identity: Mapped[Sealed]
    made_at: Mapped[dt.datetime]
    redeemed_by: Mapped[str | None] = mapped_column(sa.String(64))
    """The device it was redeemed for. Asked again for the same one, the answer is the same:
    the first may have been lost on its way."""
