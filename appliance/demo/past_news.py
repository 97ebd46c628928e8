"""Tells headquarters of days that were made up, as if each had been told in its time."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics import day_news
from core.models.traffic import TrafficDay
from core.sealing import Sealer
from core.settings import Settings

DAYS = 60


def tell(session: Session, sealer: Sealer, settings: Settings, now: dt.datetime) -> None:
    """Queue the newest days that are over."""
    over = sa.select(TrafficDay.day).where(TrafficDay.closed_at.is_not(None))
    for day in session.scalars(over.order_by(TrafficDay.day.desc()).limit(DAYS)).all():
        day_news.again(session, sealer, settings, day, now=now)
