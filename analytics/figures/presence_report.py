"""How many devices were near, hour by hour, as anybody may see it: of days in strict mode.

Every number here has passed `analytics.figures.suppression`, as in `analytics.figures.report`.
"""

import dataclasses
import datetime as dt

import sqlalchemy as sa

from analytics.figures import suppression
from core.database import Database
from core.models.traffic import PresenceHour
from core.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class PresenceLine:
    """One hour. A number is None if it is withheld."""

    start: dt.datetime
    """In the store's zone."""
    near: int | None
    """Devices in a window, on average."""
    near_most: int | None
    """In the fullest window."""
    inside: int | None
    """Of those near on average, the devices in the store."""


def find(database: Database, settings: Settings, day: dt.date) -> list[PresenceLine]:
    """The hours of a day in which strict mode counted; none if it was off."""
    wanted = sa.select(PresenceHour).where(PresenceHour.day == day).order_by(PresenceHour.start)
    with database.reading() as session:
        return [_line(hour, settings) for hour in session.scalars(wanted)]


def _line(hour: PresenceHour, settings: Settings) -> PresenceLine:
    k = settings.traffic.suppress_below
    near = suppression.rounded(round(hour.near / hour.windows), k)
    return PresenceLine(
        start=hour.start.astimezone(settings.store.zone),
        near=near,
        near_most=suppression.rounded(hour.near_most, k),
        inside=suppression.rounded_part(round(hour.inside / hour.windows), near, k),
    )
