"""A member's newest visit, while they agree to have their visits linked to them."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base


class MemberVisit(Base):
    """From when until when a member's phones used the Wi-Fi, of this visit or the last one.

    Written by the jobs (`portal.access.visits`) for members who agree to visit analytics; they
    tell the CRM once it is over. Deleted when the member agrees no longer, or by the
    retention job.
    """

    __tablename__ = "member_visits"

    member_id: Mapped[int] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True
    )
    started_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    """When a phone of theirs was last heard of."""
    is_told: Mapped[bool] = mapped_column(default=False)
    """Whether it is over, and the CRM was told; kept so that it is not told again."""
