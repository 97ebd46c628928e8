"""A phone that has asked for the Wi-Fi."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup, Sealed

MAC = "devices.sealed_mac"


class Device(Base):
    """One hardware address on the guest network, known since it opened the portal.

    Written by portal. Read by portal, and by whoever must name the phone to the gate.
    The sensor's pseudonyms share neither key nor column with it.
    """

    __tablename__ = "devices"

    id: Mapped[IntKey]
    lookup: Mapped[Lookup] = mapped_column(unique=True)
    """Blind index of the address, kind `mac`."""
    sealed_mac: Mapped[Sealed]
    randomised: Mapped[bool]
    first_seen_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    forgotten_at: Mapped[dt.datetime | None]
    """What it did before counts for nothing when it asks to go on (`portal.ways.returning`)."""
