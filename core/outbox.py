"""Puts news for the CRM beside the change it tells of, in the same transaction; and counts it."""

import dataclasses
import datetime as dt
import enum
import json
from collections.abc import Mapping

import sqlalchemy as sa
import ulid
from sqlalchemy.orm import Session

from core.models.outbox_event import OutboxEvent, OutboxState
from core.sealing import Sealer

DATA = "outbox_events.sealed_data"


class EventType(enum.StrEnum):
    """CloudEvents `type` of each event; docs/events/ shows what each carries."""

    MEMBER_ENROLLED = "doorman.member.enrolled"
    MEMBER_UPDATED = "doorman.member.updated"
    MEMBER_MERGED = "doorman.member.merged"
    MEMBER_ERASED = "doorman.member.erased"
    CONSENT_GIVEN = "doorman.consent.given"
    CONSENT_WITHDRAWN = "doorman.consent.withdrawn"
    VISIT_CLOSED = "doorman.visit.closed"
    ATTRIBUTION_CHANGED = "doorman.attribution.changed"
    COUPON_ISSUED = "doorman.coupon.issued"
    COUPON_USED = "doorman.coupon.used"
    CAMPAIGN_CLICK = "doorman.campaign.click"
    TRAFFIC_HOUR = "doorman.traffic.hour"
    TRAFFIC_DAY = "doorman.traffic.day"
    SENSOR_HEALTH = "doorman.sensor.health"
    VISITS_DAY = "doorman.visits.day"
    """Visits of a closed day without anybody's name or mark, for headquarters alone."""


def add(
    session: Session,
    sealer: Sealer,
    kind: EventType,
    *,
    subject: str,
    data: Mapping[str, object],
    now: dt.datetime,
) -> str:
    """Queue one event; it exists if and only if the session's transaction commits.

    Args:
        session: the transaction of the change itself.
        sealer: seals `data`.
        kind: what happened.
        subject: whom or what it is about; no personal data.
        data: JSON-ready; only what the person agreed to have sent.
        now: when it happened.

    Returns:
        The event's id, a ULID.
    """
    event_id = str(ulid.ULID())
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    session.add(
        OutboxEvent(
            event_id=event_id,
            type=kind.value,
            subject=subject,
            occurred_at=now,
            sealed_data=sealer.seal(DATA, body),
            next_attempt_at=now,
        )
    )
    return event_id


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """How news for the CRM gets on."""

    waiting: int
    oldest_at: dt.datetime | None
    """When the oldest of those that wait happened."""
    parked: int


def standing(session: Session) -> Standing:
    wanted = sa.select(
        OutboxEvent.state,
        sa.func.count(OutboxEvent.id),
        sa.func.min(OutboxEvent.occurred_at, type_=OutboxEvent.occurred_at.type),
    ).group_by(OutboxEvent.state)
    found = {state: (count, oldest) for state, count, oldest in session.execute(wanted)}
    waiting, oldest_at = found.get(OutboxState.WAITING, (0, None))
    parked, _ = found.get(OutboxState.PARKED, (0, None))
    return Standing(waiting, oldest_at, parked)
