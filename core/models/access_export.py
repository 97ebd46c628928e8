"""What somebody wants out of the access log, and who else has agreed to that."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Sealed

BODY = "access_exports.sealed_body"


class AccessExport(Base):
    """One export that was asked for. Written and read by `access_log.requests`.

    What was asked for, agreed to and given out is in the access log for good; this is what is
    needed until then.
    """

    __tablename__ = "access_exports"

    id: Mapped[IntKey]
    asked_at: Mapped[dt.datetime]
    asked_by: Mapped[str] = mapped_column(sa.String(64))
    sealed_body: Mapped[Sealed]
    """JSON: officer, reason, and what was asked."""
    expires_at: Mapped[dt.datetime]
    """From then on it is neither agreed to nor given out."""
    decided_at: Mapped[dt.datetime | None]
    """None: it waits for another user."""
    decided_by: Mapped[str | None] = mapped_column(sa.String(64))
    """None, though decided: no second person was asked for."""
    is_approved: Mapped[bool | None]
    given_at: Mapped[dt.datetime | None]
    """When it was given out last."""
