"""Where the gate's counters of a phone stood."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base


class CounterReading(Base):
    """What the gate's counters of one device stood at when they were last seen to change.

    Written and read by `portal.access.accounting`: what comes on top of it has not been charged
    to a grant yet. On disk, so that a restart charges nothing twice and loses nothing.
    Goes when the gate forgets the device, which is an hour after it fell silent.
    """

    __tablename__ = "counter_readings"

    device_id: Mapped[int] = mapped_column(
        ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True
    )
    bytes_up: Mapped[int] = mapped_column(sa.BigInteger)
    bytes_down: Mapped[int] = mapped_column(sa.BigInteger)
    read_at: Mapped[dt.datetime]
