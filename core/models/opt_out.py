"""Phones that are not to be counted."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Lookup


class OptOut(Base):
    """That somebody asked, on this phone, not to be counted by the sensor.

    Written by portal; the jobs hand it to the sensor. It names neither a device of the
    portal's nor a member: it has a key of its own (`core.do_not_count`).
    """

    __tablename__ = "opt_outs"

    entry: Mapped[Lookup] = mapped_column(primary_key=True)
    until: Mapped[dt.datetime] = mapped_column(index=True)
    """The same time of day for all who ask on one day: when somebody asked, nobody need know."""
