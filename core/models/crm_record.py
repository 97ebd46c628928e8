"""What a connector remembers of the CRM."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Sealed

REMOTE_ID = "crm_records.sealed_remote_id"


class CrmRecord(Base):
    """Which record of the CRM stands for what of ours, and how new what it holds is.

    Written and read by `crm.records`, for connectors to CRMs that do not keep it themselves.
    It saves questions and is no more than that: a connector finds records again without it.
    """

    __tablename__ = "crm_records"
    __table_args__ = (
        # A connector asks "what has the CRM of these?"
        UniqueConstraint("connector", "kind", "local_id"),
    )

    id: Mapped[IntKey]
    connector: Mapped[str] = mapped_column(sa.String(16))
    kind: Mapped[str] = mapped_column(sa.String(16))
    """What is remembered: a `member`, or what else the connector keeps apart."""
    local_id: Mapped[str] = mapped_column(sa.String(64))
    """A member's public id, an event's id, a word of ours, or the blind index of what the CRM
    calls a member."""
    sealed_remote_id: Mapped[Sealed]
    """What the CRM calls it, or whose an index is; sealed, since it may be WeChat's name for a
    person. Empty: unknown."""
    version: Mapped[int]
    """Of the newest news that the CRM has; 0 where there is none."""
    is_gone: Mapped[bool] = mapped_column(default=False)
    """Erased, or merged into another: nothing brings it back."""
    expires_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    """When it may be forgotten; None as long as there is such a member."""
