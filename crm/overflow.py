"""Keeps what waits within bounds, so that a CRM that is gone for weeks fills no disk.

Of what may be lost `crm.most_waiting` events are kept; beyond, they are dropped: kind by kind in
the order below, the oldest of a kind first. Never dropped, however many wait: who is a member,
what they agreed to, who is to be forgotten, coupons and attributions. Nor do these count, or a
comparison that tells many members anew would push out visits, which nothing can tell again.
"""

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.database import Database
from core.log import Log
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.setting_groups.crm import CrmSettings
from crm import breaker

# How a sensor was is of no use later, and an hour is in its day's figures, too.
MAY_BE_LOST = (
    EventType.SENSOR_HEALTH,
    EventType.TRAFFIC_HOUR,
    EventType.CAMPAIGN_CLICK,
    EventType.VISIT_CLOSED,
    EventType.VISITS_DAY,
)

_waits = OutboxEvent.state == sa.literal_column(f"'{OutboxState.WAITING}'")

_log = Log("crm")


def trim(database: Database, settings: CrmSettings, now: dt.datetime) -> int:
    """Drop what is too much; how many events that were."""
    with database.reading() as session:
        excess = _excess(session, settings.most_waiting)
    if excess <= 0:
        return 0
    with database.writing() as session:
        dropped = sum(_dropped(session, excess))
        if dropped:
            line = breaker.writable(session)
            line.dropped += dropped
            line.dropped_at = now
    if dropped:
        _log.error("too many events wait", dropped=dropped, mend="see doorman crm status")
    return dropped


def _excess(session: Session, most: int) -> int:
    count = sa.select(sa.func.count()).select_from(OutboxEvent).where(_waits)
    # Counted in an index alone; of which kind each is stands in the table.
    if (session.scalar(count) or 0) <= most:
        return 0
    return (session.scalar(count.where(OutboxEvent.type.in_(MAY_BE_LOST))) or 0) - most


def _dropped(session: Session, excess: int) -> Iterator[int]:
    for kind in MAY_BE_LOST:
        oldest = sa.select(OutboxEvent.id).where(_waits, OutboxEvent.type == kind)
        chosen = oldest.order_by(OutboxEvent.id).limit(excess)
        gone = sa.delete(OutboxEvent).where(OutboxEvent.id.in_(chosen))
        count = session.connection().execute(gone).rowcount
        excess -= count
        yield count
        if excess <= 0:
            return
