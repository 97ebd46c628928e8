"""What the visit rows of a region's stores come to, a day."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hq.models.base import Base

CHAIN = "*"
"""In place of a region: all of them together."""


class RegionDay(Base):
    """One day of a region, or of the chain; sums and times as they may be seen, None is withheld.

    Written by `hq.fleet.figures` at night, which replaces all rows of a day. Read by
    `doorman hq figures`, and by whoever shows them.
    """

    __tablename__ = "region_days"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    """Empty: stores of none. `CHAIN`: of all."""
    stores: Mapped[int]
    passers_by: Mapped[int | None]
    visitors: Mapped[int | None]
    bounces: Mapped[int | None]
    dwell_q1_s: Mapped[int | None]
    dwell_median_s: Mapped[int | None]
    dwell_q3_s: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    """`dwell_visits`, by the names of `DWELL_BUCKETS`; `hours` of the stores' clocks, and `stays`:
    how many visitors stayed for so many seconds. A count each."""
    files: Mapped[str] = mapped_column(sa.String(32))
    """What the day's files were when these rows were made of them."""
