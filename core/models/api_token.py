"""What lets another program read the store's figures."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup


class ApiToken(Base):
    """A word that a program shows to read figures; only its blind index is kept.

    Written and read by the dashboard. A row that is gone is a program that is out.
    """

    __tablename__ = "api_tokens"

    id: Mapped[IntKey]
    name: Mapped[str] = mapped_column(sa.String(64))
    """What it is for, in the words of whoever made it."""
    token_lookup: Mapped[Lookup] = mapped_column(unique=True)
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_on: Mapped[dt.date | None]
    """The last store-local day."""
