"""People counted at the door, by hand or by a door counter: what devices are measured by."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey


class CountSource(enum.StrEnum):
    HAND = "hand"
    COUNTER = "counter"
    """The file of a door counter."""


class CountingSession(Base):
    """How many people came in, and walked past, in one span of time.

    Written by the dashboard, read by `analytics.calibration.calibration_report`.
    """

    __tablename__ = "counting_sessions"

    id: Mapped[IntKey]
    user_name: Mapped[str] = mapped_column(sa.String(64))
    """Who counted, or handed in the file."""
    source: Mapped[CountSource] = mapped_column(
        sa.Enum(
            CountSource,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        )
    )
    begun_at: Mapped[dt.datetime] = mapped_column(index=True)
    ended_at: Mapped[dt.datetime | None]
    """None: somebody is counting."""
    entered: Mapped[int]
    passed: Mapped[int | None]
    """Who walked past and did not come in. None: nobody counted them."""
    rules: Mapped[str] = mapped_column(sa.String(16))
    """Hash of the settings by which devices were counted then (`calibration.thresholds`)."""


class CountingPage(Base):
    """How far the taps of one open page have come in: one that is sent twice counts once."""

    __tablename__ = "counting_pages"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("counting_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    page: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    """Random, made when the page was opened."""
    last_tap: Mapped[int]
    """The running number of the last one counted."""
