"""What stood beside a box that somebody ticked."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base
from core.models.consent import Purpose


class Wording(Base):
    """One wording, whole, as shoppers read it; kept once, under its own hash.

    Written by portal with the first consent that was given to it. Nothing ever changes, so
    that a consent (`Consent.wording_version`) can be shown in its words years later.
    """

    __tablename__ = "wordings"

    version: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(
        sa.Enum(
            Purpose, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]
        )
    )
    language: Mapped[str] = mapped_column(sa.String(8))
    text: Mapped[str] = mapped_column(sa.Text())
    first_shown_at: Mapped[dt.datetime]
    """When it was agreed to for the first time."""
