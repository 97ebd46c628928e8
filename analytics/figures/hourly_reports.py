"""Reports of days in a row with their hours, in one look at the database.

`figures.report` reads one day with its hours, or many without: hours are most of the rows.
"""

import collections
import datetime as dt

import sqlalchemy as sa

from analytics.figures import report, silent_hours
from analytics.figures.report import DayReport
from core.database import Database
from core.models.traffic import TrafficDay, TrafficHour
from core.settings import Settings


def find(database: Database, settings: Settings, first: dt.date, last: dt.date) -> list[DayReport]:
    """The days from `first` to `last`, both included, that have figures, oldest first."""
    days = sa.select(TrafficDay).where(TrafficDay.day.between(first, last))
    hours = sa.select(TrafficHour).where(TrafficHour.day.between(first, last))
    of_day: dict[dt.date, list[TrafficHour]] = collections.defaultdict(list)
    with database.reading() as session:
        for hour in session.scalars(hours.order_by(TrafficHour.start)):
            of_day[hour.day].append(hour)
        rows = session.scalars(days.order_by(TrafficDay.day)).all()
        deaf = silent_hours.find(session, settings, rows)
        return [report.of(row, of_day[row.day], settings, deaf.get(row.day, ())) for row in rows]
