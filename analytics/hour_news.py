"""Tells the CRM of hours that are over, in the transaction that writes their figures."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from analytics.figures import report
from core import outbox
from core.models.traffic import TrafficDay, TrafficHour
from core.sealing import Sealer
from core.settings import Settings

# An hour's figures are told so long after it: by then who came in its last minutes is known to be
# a visitor or not, and other sensors' batches are in. What changes later is in the day's event.
SETTLED_AFTER = dt.timedelta(minutes=15)
_HOUR = dt.timedelta(hours=1)


def add(
    session: Session,
    sealer: Sealer,
    settings: Settings,
    day: TrafficDay,
    hours: Sequence[TrafficHour],
    *,
    told_until: dt.datetime | None,
) -> None:
    """Queue each hour that has settled since `told_until`, when the figures were written last."""
    shown = report.of(day, hours, settings)
    for hour in shown.hours:
        settled_at = hour.start + _HOUR + SETTLED_AFTER
        if settled_at > shown.updated_at or (told_until and settled_at <= told_until):
            continue
        outbox.add(
            session,
            sealer,
            outbox.EventType.TRAFFIC_HOUR,
            subject=hour.start.isoformat(),
            data={
                **hour.to_data(),
                "store": shown.store,
                "day": shown.day.isoformat(),
                "withheld_below": shown.withheld_below,
                "updated_at": shown.updated_at.isoformat(),
            },
            now=shown.updated_at,
        )
