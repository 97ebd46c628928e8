"""What a CRM would be sent now: the requests, by the connector's own hand, and nothing sent."""

import collections
import dataclasses
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import Sealer
from crm import samples
from crm.event import Event, opened
from crm.masking import masked
from crm.shape import Crm, Preview

_waiting = OutboxEvent.state == OutboxState.WAITING


@dataclasses.dataclass(frozen=True, slots=True)
class Rehearsal:
    requests: Sequence[Preview]
    events: Sequence[Event]
    """What they carry."""
    left_out: Sequence[Event]
    """What this CRM does not take."""


def rehearse(crm: Crm, events: Sequence[Event], *, shows_personal: bool) -> Rehearsal:
    """The requests in the order in which they would be made; one subject's events one by one."""
    shown = [event if shows_personal else masked(event) for event in events]
    taken = [event for event in shown if event.type in crm.takes]
    requests: list[Preview] = []
    for batch in _batches(taken):
        requests += crm.preview(batch)
    return Rehearsal(requests, taken, [event for event in shown if event not in taken])


def last(session: Session, sealer: Sealer, store: str, count: int) -> list[Event]:
    """The newest events that wait, in their order."""
    newest = sa.select(OutboxEvent).where(_waiting).order_by(OutboxEvent.id.desc()).limit(count)
    return [opened(row, sealer, store) for row in reversed(session.scalars(newest).all())]


def of_subject(session: Session, sealer: Sealer, store: str, subject: str) -> list[Event]:
    """What waits of one member."""
    wanted = (
        sa.select(OutboxEvent)
        .where(_waiting, OutboxEvent.subject == subject)
        .order_by(OutboxEvent.id)
    )
    return [opened(row, sealer, store) for row in session.scalars(wanted)]


def of_each_type(session: Session, sealer: Sealer, store: str) -> list[Event]:
    """The newest that waits of each type; one made up where none does."""
    newest = sa.select(sa.func.max(OutboxEvent.id)).where(_waiting).group_by(OutboxEvent.type)
    rows = session.scalars(
        sa.select(OutboxEvent).where(OutboxEvent.id.in_(newest)).order_by(OutboxEvent.id)
    )
    real = [opened(row, sealer, store) for row in rows]
    missing = [kind for kind in EventType if kind not in {event.type for event in real}]
    made_up = [samples.of_member(kind, store) for kind in missing]
    return real + [event for event in made_up if event is not None]


def _batches(events: Sequence[Event]) -> Iterator[list[Event]]:
    """As they are sent: the next one of each subject at a time."""
    queues: dict[str, collections.deque[Event]] = {}
    for event in events:
        queues.setdefault(event.subject, collections.deque()).append(event)
    while queues:
        yield [queue.popleft() for queue in queues.values()]
        queues = {subject: queue for subject, queue in queues.items() if queue}
