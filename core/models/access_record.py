"""What the law wants kept of who was online: rows in a chain, its head, its days."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup, Sealed, Ulid

BODY = "access_records.sealed_body"
HEAD_ID = 1


class Kind(enum.StrEnum):
    GRANTED = "granted"
    CHANGED = "changed"
    """A grant goes on otherwise: another login or plan, longer, on hold, under an address."""
    ENDED = "ended"
    PASS_GIVEN = "pass_given"  # noqa: S105 - no password
    PASS_ENDED = "pass_ended"  # noqa: S105 - no password
    PLACE = "place"
    """What is the same for all rows from here on: store, network, addresses to the internet."""
    CLOCK = "clock"
    """The box's clock is off, or right again."""
    READ = "read"
    """Somebody looked at the log, or took some of it along."""
    RESTORED = "restored"
    """All before is as it was in a backup; what was written after that is lost."""
    ANCHORED = "anchored"
    """Number and hash of the head were told to somebody who keeps them."""


class AccessRecord(Base):
    """One row of the access log (docs/decisions/0030).

    Written by whatever gives, changes or ends a grant or pass (`core.session_records`), in
    the same transaction. Never changed; deleted by whole days (`access_log.days`). Neither an
    erasure nor anything else touches it, and nothing but `access_log` reads it. No index beside
    the number: each login would pay for it.
    """

    __tablename__ = "access_records"

    number: Mapped[IntKey] = mapped_column(autoincrement=False)
    """From 1 on, without gaps."""
    day: Mapped[dt.date]
    """The store's day; that of the row before, if the clock was set back."""
    at: Mapped[dt.datetime]
    kind: Mapped[Kind] = mapped_column(
        sa.Enum(Kind, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e])
    )
    session_id: Mapped[Ulid | None]
    """Of the grant or pass."""
    account_lookup: Mapped[Lookup | None]
    """Blind index of the account, as in `logins`."""
    device_lookup: Mapped[Lookup | None]
    """Blind index of the hardware address, as in `devices`."""
    sealed_body: Mapped[Sealed]
    """JSON, with a salt."""
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class AccessHead(Base):
    """Where the chain ends: one row, locked by whoever adds to it."""

    __tablename__ = "access_head"

    id: Mapped[IntKey] = mapped_column(autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger)
    """Of the last row; 0: there is none."""
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    day: Mapped[dt.date | None]
    """That of the last row, still open: it has no row in `access_days`."""
    day_first: Mapped[int] = mapped_column(sa.BigInteger)
    """Number of that day's first row."""
    day_before: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    """The hash that it follows."""
    days_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    """Of the last closed day."""
    place: Mapped[int] = mapped_column(sa.BigInteger)
    """Number of the last row of kind `place`; 0: none."""
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    day_begins: Mapped[dt.time]


class AccessDay(Base):
    """A day that is over, and what is left of it when its rows are deleted.

    Written when the next day begins. `hash` chains the days' own rows; what is in it never
    changes.
    """

    __tablename__ = "access_days"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(sa.BigInteger)
    last: Mapped[int] = mapped_column(sa.BigInteger)
    hash_before: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    hash_after: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    anchored_at: Mapped[dt.datetime | None]
    anchored_where: Mapped[str | None] = mapped_column(sa.String(16))
    """`headquarters` or `journal`."""
    deleted_at: Mapped[dt.datetime | None]
