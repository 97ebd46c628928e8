"""Tells headquarters of days that were made up, as if each had been told in its time."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics import day_news
from core.models.traffic import TrafficDay, TrafficHour
from core.sealing import Sealer
from core.settings import Settings

DAYS = 60


def tell(session: Session, sealer: Sealer, settings: Settings, now: dt.datetime) -> None:
    """Queue the newest days that are over."""
    over = sa.select(TrafficDay).where(TrafficDay.closed_at.is_not(None))
    for day in session.scalars(over.order_by(TrafficDay.day.desc()).limit(DAYS)).all():
        of_day = sa.select(TrafficHour).where(TrafficHour.day == day.day)
        hours = session.scalars(of_day.order_by(TrafficHour.start)).all()
        day_news.add(session, sealer, settings, day, hours, now=now)
