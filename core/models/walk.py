"""A walk through the store with a phone, from which the two thresholds of the signal are learnt."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey


class Station(enum.StrEnum):
    """Where a walk stops for a minute, in this order."""

    PAVEMENT = "pavement"
    DOOR = "door"
    BACK = "back"
    OFF = "off"
    """At the back still, with Wi-Fi switched off: by its silence the phone is known."""


class Walk(Base):
    """One guided walk. Written by the dashboard, read by `analytics.calibration.thresholds`.

    The newest one that was accepted and not withdrawn gives the thresholds. A walk that was
    left unfinished is a row without them.
    """

    __tablename__ = "walks"

    id: Mapped[IntKey]
    user_name: Mapped[str] = mapped_column(sa.String(64))
    begun_at: Mapped[dt.datetime]
    accepted_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    withdrawn_at: Mapped[dt.datetime | None]
    inside_dbm: Mapped[int | None]
    """As accepted; so is the next one."""
    outside_dbm: Mapped[int | None]


class WalkStation(Base):
    """One minute of a walk, and all that is kept of it: how loud the phone was.

    The levels are there once the walk is over and the phone was known. Which phone it was is
    looked up in the day file while the walk goes on, and stands nowhere.
    """

    __tablename__ = "walk_stations"

    walk_id: Mapped[int] = mapped_column(
        ForeignKey("walks.id", ondelete="CASCADE"), primary_key=True
    )
    station: Mapped[Station] = mapped_column(
        sa.Enum(
            Station, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]
        ),
        primary_key=True,
    )
    begun_at: Mapped[dt.datetime]
    """Once more, if the station was repeated."""
    median_dbm: Mapped[int | None]
    low_dbm: Mapped[int | None]
    """A tenth of the smoothed signal was weaker."""
    high_dbm: Mapped[int | None]
    """A tenth of it was stronger."""
