"""Members whom the store has no more, by their ids."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Ulid


class GoneMember(Base):
    """That somebody was erased, or turned out to be another member.

    Written by `core.gone_members`. A CRM that is restored from a backup has them again, and has to
    be told anew; kept for longer than any backup (`core.retention`). An id says nothing of anybody.
    """

    __tablename__ = "gone_members"

    public_id: Mapped[Ulid] = mapped_column(primary_key=True)
    into_id: Mapped[Ulid | None]
    """The public id of whom they were merged into; None: they were erased."""
    gone_at: Mapped[dt.datetime]
