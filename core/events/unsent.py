"""News that must not leave any more: what it rests on was withdrawn, or who it is about is gone."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import outbox
from core.models.consent import Purpose
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import SealBrokenError, Sealer

# What else somebody has to agree to, besides being a member, for this to be told of them.
RESTS_ON = {
    EventType.CAMPAIGN_CLICK: Purpose.MARKETING,
    EventType.VISIT_CLOSED: Purpose.VISIT_ANALYTICS,
}


def about(session: Session, members: Collection[str]) -> Sequence[OutboxEvent]:
    """What waits to be sent about them or was refused, oldest first; held until the end."""
    return session.scalars(
        sa.select(OutboxEvent)
        .where(OutboxEvent.subject.in_(members), OutboxEvent.state != OutboxState.SENT)
        .order_by(OutboxEvent.id)
        .with_for_update()
    ).all()


def forget(session: Session, rows: Collection[OutboxEvent]) -> None:
    """Delete them. One that is under way may still arrive: nothing takes that back."""
    ids = [row.id for row in rows]
    session.execute(
        sa.delete(OutboxEvent)
        .where(OutboxEvent.id.in_(ids))
        .execution_options(synchronize_session=False)
    )
    for row in rows:
        session.expunge(row)


def withdraw(session: Session, sealer: Sealer, member: str, purpose: Purpose) -> None:
    """Delete what rests on `purpose`, and that it was agreed to. The caller holds the member."""
    kinds = {kind for kind, on in RESTS_ON.items() if on is purpose}
    forget(
        session,
        [
            row
            for row in about(session, [member])
            if row.type in kinds
            or (row.type == EventType.CONSENT_GIVEN and _of(row, purpose, sealer))
        ],
    )


def correct(session: Session, sealer: Sealer, member: str, whole: Mapping[str, object]) -> None:
    """See to it that what was not sent yet says nothing that is not so any more.

    A CRM acts on what it reads: on a number that was given up, on a consent that was withdrawn
    while it was away. If the row is under way as it was, the CRM has that, and soon the update.

    Args:
        session: the transaction of the change; the caller holds the member.
        sealer: opens and seals what waits.
        member: whom it is about.
        whole: how they are now.
    """
    waiting = about(session, [member])
    forget(session, [row for row in waiting if row.type == EventType.MEMBER_UPDATED])
    for row in waiting:
        if row.type != EventType.MEMBER_ENROLLED:
            continue
        before = opened(sealer, row)
        if before is not None:
            row.sealed_data = outbox.sealed(sealer, {**before, **whole})


def opened(sealer: Sealer, row: OutboxEvent) -> dict[str, Any] | None:
    """What it says; None if it does not open, so that nor can it be sent before a key is back."""
    try:
        data: dict[str, Any] = json.loads(sealer.open(outbox.DATA, row.sealed_data))
    except SealBrokenError:
        return None
    return data


def _of(row: OutboxEvent, purpose: Purpose, sealer: Sealer) -> bool:
    data = opened(sealer, row)
    return data is None or data["purpose"] == purpose
