"""What the CRM hears of a day that is over: its figures, as everybody may see them."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics.figures import report
from core import outbox
from core.models.traffic import TrafficDay, TrafficHour
from core.outbox import EventType
from core.sealing import Sealer
from core.settings import Settings


def add(
    session: Session,
    sealer: Sealer,
    settings: Settings,
    day: TrafficDay,
    hours: Sequence[TrafficHour],
    *,
    now: dt.datetime,
) -> None:
    """Queue a day that is being closed."""
    data = report.of(day, hours, settings).to_data()
    kind, subject = EventType.TRAFFIC_DAY, day.day.isoformat()
    outbox.add(session, sealer, kind, subject=subject, data=data, now=now)


def again(
    session: Session, sealer: Sealer, settings: Settings, day: dt.date, *, now: dt.datetime
) -> bool:
    """Queue a day as it was closed; whether it was."""
    row = session.get(TrafficDay, day)
    if row is None or row.closed_at is None:
        return False
    of_day = sa.select(TrafficHour).where(TrafficHour.day == day).order_by(TrafficHour.start)
    add(session, sealer, settings, row, session.scalars(of_day).all(), now=now)
    return True
