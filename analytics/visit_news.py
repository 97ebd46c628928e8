"""Tells headquarters of a closed day's visits, in the transaction that closes the day."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import Session

from analytics.estimates import anonymous_visits
from analytics.estimates.estimator import Estimates
from analytics.visits.visit_rows import VisitRows
from core import clock, outbox
from core.models.traffic import TrafficDay, TrafficHour
from core.sealing import Sealer
from core.setting_groups.crm import CrmKind
from core.settings import Settings


def add(
    session: Session,
    sealer: Sealer,
    settings: Settings,
    *,
    day: TrafficDay,
    hours: Sequence[TrafficHour],
    estimates: Estimates | None,
) -> None:
    """Queue the rows, if news goes to headquarters, and there is enough to tell.

    Args:
        session: of the day's closing.
        sealer: seals the news.
        settings: the store's.
        day: its row, closed.
        hours: those of its hours, in their order.
        estimates: of the day; None if it says too little for them.
    """
    wanted = settings.headquarters.visits and not settings.sensor.strict
    if (
        not wanted
        or settings.crm.kind is not CrmKind.HEADQUARTERS
        or estimates is None
        or day.closed_at is None
    ):
        return
    _, end = clock.day_bounds(day.day, settings.store.zone)
    until = min(end, day.closed_at)
    shares = np.array(estimates.dwell_shares)
    rows = anonymous_visits.make(day, hours, until, shares, settings.traffic)
    if rows is None:
        return
    outbox.add(
        session,
        sealer,
        outbox.EventType.VISITS_DAY,
        subject=day.day.isoformat(),
        data=to_data(rows, settings, day),
        now=day.closed_at,
    )


def to_data(rows: VisitRows, settings: Settings, day: TrafficDay) -> dict[str, object]:
    """JSON-ready, as docs/events/doorman.visits.day.json has it."""
    return {
        "store": settings.store.id,
        "day": day.day.isoformat(),
        "time_zone": settings.store.time_zone,
        "day_begins": settings.store.day_begins,
        "visitor_after_s": settings.traffic.visitor_after_s,
        "withheld_below": settings.traffic.suppress_below,
        "passed": rows.minute[~rows.inside].tolist(),
        "inside": {
            "minute": rows.minute[rows.inside].tolist(),
            "dwell_s": rows.dwell_s[rows.inside].tolist(),
        },
    }
