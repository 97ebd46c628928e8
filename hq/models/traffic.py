"""The stores' traffic, as it may be seen: counted, suppressed and rounded by each store."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hq.models.base import Base


class StoreDay(Base):
    """One store-local day of one store; None stands for a figure that the store withholds.

    Written by `hq.intake` from the store's newest news of the day. Read by the fleet's pages.
    """

    __tablename__ = "store_days"
    __table_args__ = (
        # "All stores' figures of these days": answered from the index alone, without `data`.
        Index(
            "store_days_of_fleet",
            "day",
            "store_id",
            "visitors",
            "passers_by",
            "entry_rate",
            "dwell_median_s",
        ),
    )

    store_id: Mapped[str] = mapped_column(
        ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    told_at: Mapped[dt.datetime]
    """When the store said so: newer news takes the place of older."""
    closed_at: Mapped[dt.datetime | None]
    passers_by: Mapped[float | None]
    visitors: Mapped[float | None]
    entry_rate: Mapped[float | None]
    dwell_median_s: Mapped[float | None]
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    """The event's data, whole (docs/events/doorman.traffic.day.json)."""


class StoreHour(Base):
    """One hour of one store. Written and read like `StoreDay`."""

    __tablename__ = "store_hours"
    __table_args__ = (
        # "The hours of this day, of all stores."
        Index("store_hours_of_day", "day", "store_id"),
    )

    store_id: Mapped[str] = mapped_column(
        ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True
    )
    start: Mapped[dt.datetime] = mapped_column(primary_key=True)
    day: Mapped[dt.date]
    told_at: Mapped[dt.datetime]
    passers_by: Mapped[float | None]
    visitors: Mapped[float | None]
    inside_mean: Mapped[float | None]
    heard_s: Mapped[int | None]
