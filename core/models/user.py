"""Somebody who may open the dashboard."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Sealed

TOTP_SECRET = "users.sealed_totp_secret"  # noqa: S105 - the name of a column


class Role(enum.StrEnum):
    """What somebody is here for. What each may see and do: `analytics.dashboard.roles`."""

    MANAGER = "manager"
    MARKETER = "marketer"
    IT = "it"
    AUDITOR = "auditor"
    PRIVACY = "privacy"
    """Answers the police and the authorities: the law's log."""


class User(Base):
    """One of the staff. Written by `doorman user` and by the dashboard's page of one's own
    account, read by the dashboard.
    """

    __tablename__ = "users"

    id: Mapped[IntKey]
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    role: Mapped[Role] = mapped_column(
        sa.Enum(Role, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e])
    )
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    """argon2id; of who has not signed in for long, scrypt in werkzeug's form."""
    created_at: Mapped[dt.datetime]
    sealed_totp_secret: Mapped[Sealed | None]
    """Of the second factor (RFC 6238). None: there is none."""
    totp_since: Mapped[dt.datetime | None]
    """When a first code has confirmed the secret; until then none is asked for."""
    totp_step: Mapped[int | None]
    """The time step of the last code that was taken: none is good twice."""
