"""What the staff know of a day and no sensor can: that the window was new, or the shop closed."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey


class NoteKind(enum.StrEnum):
    WINDOW = "window"
    CAMPAIGN = "campaign"
    HOLIDAY = "holiday"
    WEATHER = "weather"
    CLOSED = "closed"
    SENSOR_MOVED = "sensor_moved"
    OTHER = "other"


class DayNote(Base):
    """A note on one store-local day or several in a row. Written and read by the dashboard.

    What each kind means for comparisons is `analytics.figures.day_notes`'s to say.
    """

    __tablename__ = "day_notes"

    id: Mapped[IntKey]
    first: Mapped[dt.date]
    last: Mapped[dt.date] = mapped_column(index=True)
    kind: Mapped[NoteKind] = mapped_column(
        sa.Enum(
            NoteKind,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        )
    )
    text: Mapped[str] = mapped_column(sa.String(200))
    written_at: Mapped[dt.datetime]
    """The last time that somebody changed it; who, stands in the audit log."""
