"""Which region a user of the fleet's pages is for."""

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hq.models.base import Base


class UserRegion(Base):
    """That a user sees the stores of one region alone; without a row, all of them.

    Written by `doorman hq user region`, read with every page.
    """

    __tablename__ = "user_regions"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    region: Mapped[str] = mapped_column(sa.String(80))
    """As `stores.region` has it."""
