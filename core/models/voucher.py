"""Codes on paper that let their holders online."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup, Sealed

CODE = "vouchers.sealed_code"


class VoucherBatch(Base):
    """Vouchers that were made together and are worth the same.

    Written by the dashboard. Read by portal, which sees here whether one is still good.
    """

    __tablename__ = "voucher_batches"

    id: Mapped[IntKey]
    name: Mapped[str] = mapped_column(sa.String(80))
    uses_each: Mapped[int]
    minutes: Mapped[int]
    """How long one use lasts."""
    speed_kbit_s: Mapped[int]
    """Each way. 0: no limit but the guests' own."""
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    """Until when a use may begin."""
    revoked_at: Mapped[dt.datetime | None]


class Voucher(Base):
    """One code. It can be printed again, so it is sealed and not just hashed."""

    __tablename__ = "vouchers"

    id: Mapped[IntKey]
    batch_id: Mapped[int] = mapped_column(
        ForeignKey("voucher_batches.id", ondelete="CASCADE"), index=True
    )
    lookup: Mapped[Lookup] = mapped_column(unique=True)
    """The blind index of its account (`core.account`)."""
    sealed_code: Mapped[Sealed]


class VoucherUse(Base):
    """That a device went online by a voucher. Counted by portal, which holds the voucher's row.

    Until `until` the same device may come back, as often as it likes, for the same use.
    """

    __tablename__ = "voucher_uses"
    __table_args__ = (Index("voucher_uses_of_voucher", "voucher_id", "device_id"),)

    id: Mapped[IntKey]
    voucher_id: Mapped[int] = mapped_column(ForeignKey("vouchers.id", ondelete="CASCADE"))
    device_id: Mapped[int | None] = mapped_column(
        ForeignKey("devices.id", ondelete="SET NULL"), index=True
    )
    """None once the device is forgotten: the use is counted still."""
    started_at: Mapped[dt.datetime]
    until: Mapped[dt.datetime]


class VoucherTry(Base):
    """That a device tried a code that is none. Kept for the hour that the limit looks back."""

    __tablename__ = "voucher_tries"
    __table_args__ = (Index("voucher_tries_of_device", "device_id", "tried_at"),)

    id: Mapped[IntKey]
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"))
    tried_at: Mapped[dt.datetime]
