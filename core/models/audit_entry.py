"""Who has looked at personal data, or changed something."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Ulid
from core.models.user import Role


class AuditEntry(Base):
    """One line of the audit log. Written by the dashboard and `doorman user`, read by auditors.

    Added to, never changed; deleted by `core.retention` alone. It outlives the users, members and
    campaigns that it tells of, so it refers to none of them by a key, and says nothing of a
    member but the public id.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("audit_entries_at", "at"),
        Index("audit_entries_user_name", "user_name", "at"),
    )

    id: Mapped[IntKey]
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
