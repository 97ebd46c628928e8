"""A guest who asks to be let in by somebody of the staff."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Sealed

NAME = "sponsor_requests.sealed_name"

LASTS = dt.timedelta(minutes=15)
"""How long a guest waits before the request is over."""


class Decision(enum.StrEnum):
    LET_IN = "let_in"
    REFUSED = "refused"


class SponsorRequest(Base):
    """What a login by `LoginWay.SPONSOR` waits for. Written by portal, decided in the dashboard."""

    __tablename__ = "sponsor_requests"

    id: Mapped[IntKey]
    login_id: Mapped[int] = mapped_column(ForeignKey("logins.id", ondelete="CASCADE"), unique=True)
    sealed_name: Mapped[Sealed | None]
    """How the guest wishes to be called; emptied once it is decided."""
    match_number: Mapped[str] = mapped_column(sa.String(4))
    """Shown to both, so that nobody is let in instead of somebody else."""
    asked_at: Mapped[dt.datetime]
    decision: Mapped[Decision | None] = mapped_column(
        sa.Enum(
            Decision,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        )
    )
    decided_at: Mapped[dt.datetime | None]
    minutes: Mapped[int | None]
    """For how long the guest was let in."""
