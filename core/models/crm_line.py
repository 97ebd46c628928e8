"""How the line to the CRM is."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey

THE_ONE = 1
"""The id of the only row."""


class CrmLine(Base):
    """One row: what every process that sends has to know, and a restart must not forget.

    Written by crm. Read by the dashboard, `doorman crm status` and `doorman doctor`.
    """

    __tablename__ = "crm_lines"

    id: Mapped[IntKey]
    failures: Mapped[int] = mapped_column(default=0)
    """Requests in a row that came to nothing; 0: the line is well (breaker closed)."""
    failed_at: Mapped[dt.datetime | None]
    """The last of them. Later than now: the clock was set back, and no wait counts."""
    open_until: Mapped[dt.datetime | None]
    """Until then nothing is sent (breaker open); after it one small batch tries (half-open)."""
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    """Of the last failure: a word of ours or an HTTP status."""
    last_success_at: Mapped[dt.datetime | None]
    dropped: Mapped[int] = mapped_column(default=0)
    """Events given up unsent, because more waited than may."""
    dropped_at: Mapped[dt.datetime | None]
    reconciled_at: Mapped[dt.datetime | None]
    """When store and CRM were last compared to the end."""
    differences: Mapped[int] = mapped_column(default=0)
    """That the last comparison found, whatever came of them."""
    unknown: Mapped[int] = mapped_column(default=0)
    """Of these, what nothing in the store tells about: left to a person."""
