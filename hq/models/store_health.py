"""How each store is, by its own word."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hq.models.base import Base


class StoreHealth(Base):
    """What a store said of itself last. One row a store, written over with each heartbeat.

    Written by `hq.heartbeats`; read by the fleet's pages.
    """

    __tablename__ = "store_health"

    store_id: Mapped[str] = mapped_column(
        ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True
    )
    heard_at: Mapped[dt.datetime] = mapped_column(index=True)
    version: Mapped[str] = mapped_column(sa.String(32))
    """Of Doorman."""
    outbox_waiting: Mapped[int]
    outbox_oldest_at: Mapped[dt.datetime | None]
    outbox_parked: Mapped[int]
    certificate_until: Mapped[dt.datetime | None]
    """None: it has none, or none that phones would take."""
    sensors: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON)
    """`name` and `state` (`core.sensor_status.State`) of each source of the sensor."""
    sensor_state: Mapped[str | None] = mapped_column(sa.String(16))
    """The worst of them, `stopped` if the sensor has fallen silent; None: it has none."""
    pushed_version: Mapped[int | None]
    """The version it goes by; None: by none."""
    is_pinned: Mapped[bool]
    """It was rolled back and takes no newer one."""
    pushed_trouble: Mapped[str] = mapped_column(sa.String(32), default="")
    """Why it does not go by the newest, as a word (`core.pushed.trouble`); empty: it does."""
    clock_off_s: Mapped[float]
    """By how much its clock is ahead of ours; the way of the message is in it."""
