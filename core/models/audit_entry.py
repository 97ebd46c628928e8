"""Who has looked at personal data, or changed something: rows in a chain."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Ulid
from core.models.user import Role

HEAD_ID = 1


class AuditEntry(Base):
    """One line of the audit log. Written by the dashboard and `doorman user`, read by auditors.

    Added to, never changed: number, salt and hash come by themselves (`core.audit_chain`). The
    oldest are deleted by `core.retention` alone. It outlives the users, members and campaigns
    that it tells of, so it refers to none of them by a key, and says nothing of a member but the
    public id.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("audit_entries_at", "at"),
        Index("audit_entries_user_name", "user_name", "at"),
    )

    id: Mapped[IntKey] = mapped_column(autoincrement=False)
    """From 1 on, without gaps."""
    at: Mapped[dt.datetime]
    user_name: Mapped[str | None] = mapped_column(sa.String(64))
    """Of a user; `system:` and a login name for the command line. None: nobody of ours."""
    role: Mapped[Role | None] = mapped_column(
        sa.Enum(Role, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e])
    )
    """That the user had then."""
    address: Mapped[str | None] = mapped_column(sa.String(45))
    """Of the browser. None: the command line."""
    action: Mapped[str] = mapped_column(sa.String(64))
    """The dashboard's endpoint, such as `members.erase`; `user.add` and its like."""
    member: Mapped[Ulid | None]
    """The public id of the one member it was about."""
    number: Mapped[int | None]
    """Of the campaign, batch, request or list page it was about."""
    about_user: Mapped[str | None] = mapped_column(sa.String(64))
    """The user whose account it was about."""
    reason: Mapped[str | None] = mapped_column(sa.String(32))
    """Why, as a word of ours, where the page asks for one."""
    refused_with: Mapped[int | None]
    """The HTTP status of what was asked for and not done. None: it was done, or begun."""
    salt: Mapped[str] = mapped_column(sa.String(32))
    """Random, so that a hash that was given away tells nothing of its row."""
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class AuditHead(Base):
    """Where the audit log ends, and from where on it is kept: one row, locked by whoever adds."""

    __tablename__ = "audit_head"

    id: Mapped[IntKey] = mapped_column(autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger)
    """Of the last entry; 0: there is none."""
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    forgotten: Mapped[int] = mapped_column(sa.BigInteger)
    """Number of the last entry that was deleted in due time; 0: none was."""
    forgotten_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    forgotten_until: Mapped[dt.datetime | None]
    """When the newest of them was written."""
    forgotten_on: Mapped[dt.datetime | None]
    """When they were deleted."""


def plain(row: Mapping[str, Any]) -> dict[str, object]:
    """An entry as it is hashed. `row` has its columns."""
    said = {name: row[name] for name in row if name not in {"at", "role", "hash"}}
    at = row["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")
    return said | {"at": at, "role": row["role"] and str(row["role"])}
