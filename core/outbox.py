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


# Of these a newer one says all that an older one of the same subject said.
_WHOLE = frozenset(
    {
        EventType.MEMBER_UPDATED,
        EventType.TRAFFIC_HOUR,
        EventType.TRAFFIC_DAY,
        EventType.SENSOR_HEALTH,
        EventType.VISITS_DAY,
    }
)


def add(
    session: Session,
    sealer: Sealer,
    kind: EventType,
    *,
    subject: str,
    data: Mapping[str, object],
    now: dt.datetime,
    source: str = "",
    occurred_at: dt.datetime | None = None,
) -> str:
    """Queue one event; it exists if and only if the session's transaction commits.

    What it says better takes the place of what waits: a CRM that is away for weeks fills no disk.

    Args:
        session: the transaction of the change itself.
        sealer: seals `data`.
        kind: what happened.
        subject: whom or what it is about; no personal data.
        data: JSON-ready; only what the person agreed to have sent.
        now: from when on it is due.
        source: the store it came from, at headquarters; "" for its own news, and a store's.
        occurred_at: when it happened, if not now.

    Returns:
        The event's id, a ULID.
    """
    event_id = str(ulid.ULID())
    if kind in _WHOLE:
        _supersede(session, kind, source, subject)
    session.add(
        OutboxEvent(
            event_id=event_id,
            type=kind.value,
            source=source,
            subject=subject,
            occurred_at=occurred_at or now,
            sealed_data=sealed(sealer, data),
            next_attempt_at=now,
        )
    )
    return event_id


def sealed(sealer: Sealer, data: Mapping[str, object]) -> bytes:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return sealer.seal(DATA, body)


def _supersede(session: Session, kind: EventType, source: str, subject: str) -> None:
    """Delete what waits of the same kind, source and subject.

    It may be under way: crm reads, sends without a transaction, and writes down what came of it
    to rows that still wait, by their ids, which are never used again; here to none. Then it
    arrives, and the new one after it, since of one subject crm has one request under way. If that
    request is given up and arrives late, its version is the older: the receiver keeps the newer,
    as it has to whenever an answer is lost.

    A row that crm is writing to at this moment is left alone: to wait for it, holding others,
    might never end.
    """
    older = session.scalars(
        sa.select(OutboxEvent.id)
        .where(
            OutboxEvent.subject == subject,
            OutboxEvent.source == source,
            OutboxEvent.type == kind.value,
            OutboxEvent.state == OutboxState.WAITING,
        )
        .with_for_update(skip_locked=True)
    ).all()
    if older:
        session.execute(sa.delete(OutboxEvent).where(OutboxEvent.id.in_(older)))


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """How news for the CRM gets on."""

    waiting: int
    oldest_at: dt.datetime | None
    """When the oldest of those that wait happened."""
    parked: int


def standing(session: Session) -> Standing:
    waiting, oldest_at = session.execute(
        sa.select(
            sa.func.count(OutboxEvent.id),
            sa.func.min(OutboxEvent.occurred_at, type_=OutboxEvent.occurred_at.type),
        ).where(_in_state(OutboxState.WAITING))
    ).one()
    parked = sa.select(sa.func.count(OutboxEvent.id)).where(_in_state(OutboxState.PARKED))
    return Standing(waiting, oldest_at, session.scalar(parked) or 0)


def do_wait(session: Session, count: int) -> bool:
    """Whether at least so many wait; looks at no more than that."""
    waiting = sa.select(OutboxEvent.id).where(_in_state(OutboxState.WAITING))
    return session.scalar(waiting.offset(count - 1).limit(1)) is not None


def _in_state(state: OutboxState) -> sa.ColumnElement[bool]:
    """Written out, not bound, so that a partial index will do: what was sent is not read."""
    named: sa.ColumnElement[OutboxState] = sa.literal_column(f"'{state}'")
    return OutboxEvent.state == named
