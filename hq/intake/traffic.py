"""Takes in the stores' days and hours: of two accounts of one, the later stands."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hq.models.traffic import StoreDay, StoreHour

_FIGURES = ("passers_by", "visitors", "entry_rate", "dwell_median_s")
_COUNTS = ("passers_by", "visitors", "inside_mean", "heard_s")


def take_day(session: Session, store_id: str, data: Mapping[str, Any]) -> None:
    """A day that is over, with its hours."""
    told_at = dt.datetime.fromisoformat(data["updated_at"])
    day = dt.date.fromisoformat(data["day"])
    row = session.get(StoreDay, (store_id, day))
    if row is None:
        row = StoreDay(store_id=store_id, day=day, told_at=told_at)
        session.add(row)
    elif row.told_at > told_at:
        return
    row.told_at, row.closed_at = told_at, dt.datetime.fromisoformat(data["closed_at"])
    row.data = dict(data)
    for name in _FIGURES:
        setattr(row, name, data[name]["value"])
    known = session.scalars(
        sa.select(StoreHour).where(StoreHour.store_id == store_id, StoreHour.day == day)
    )
    hours, writing = {hour.start: hour for hour in known}, _Hour(session, store_id, day)
    for hour in data["hours"]:
        writing.put(hours.get(dt.datetime.fromisoformat(hour["start"])), hour, told_at)


def take_hour(session: Session, store_id: str, data: Mapping[str, Any]) -> None:
    """An hour that is over."""
    hour = _Hour(session, store_id, dt.date.fromisoformat(data["day"]))
    row = session.get(StoreHour, (store_id, dt.datetime.fromisoformat(data["start"])))
    hour.put(row, data, dt.datetime.fromisoformat(data["updated_at"]))


@dataclasses.dataclass(frozen=True, slots=True)
class _Hour:
    """Writes hours of one day."""

    session: Session
    store_id: str
    day: dt.date

    def put(self, row: StoreHour | None, hour: Mapping[str, Any], told_at: dt.datetime) -> None:
        if row is None:
            start = dt.datetime.fromisoformat(hour["start"])
            row = StoreHour(store_id=self.store_id, start=start, told_at=told_at)
            self.session.add(row)
        elif row.told_at > told_at:
            return
        row.day, row.told_at = self.day, told_at
        for name in _COUNTS:
            setattr(row, name, hour[name])
