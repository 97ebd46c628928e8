"""What could not be folded: kept for a person to look at, and put back once that is mended."""

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.sealing import Sealer
from hq.models.inbox import BODY, DATA, InboxBatch, InboxEvent, InboxState, ParkedEvent

UNKNOWN_MEMBER = "unknown_member"
"""Nothing says who that is: put back by itself when something does."""


def park(
    session: Session,
    sealer: Sealer,
    row: InboxEvent,
    event: Mapping[str, Any],
    *,
    reason: str,
    now: dt.datetime,
) -> None:
    row.state = InboxState.PARKED
    # It may have been here before.
    session.execute(
        sa.delete(ParkedEvent).where(
            ParkedEvent.store_id == row.store_id, ParkedEvent.event_id == row.event_id
        )
    )
    session.add(
        ParkedEvent(
            store_id=row.store_id,
            event_id=row.event_id,
            parked_at=now,
            reason=reason,
            sealed_data=sealer.seal(DATA, json.dumps(event, ensure_ascii=False).encode()),
        )
    )


def forget(session: Session, store_id: str, members: Collection[str]) -> None:
    """Forget what is parked of these members; it counts as folded."""
    theirs = (
        sa.select(ParkedEvent.event_id)
        .join(
            InboxEvent,
            sa.and_(
                InboxEvent.store_id == ParkedEvent.store_id,
                InboxEvent.event_id == ParkedEvent.event_id,
            ),
        )
        .where(ParkedEvent.store_id == store_id, InboxEvent.subject.in_(members))
    )
    ids = session.scalars(theirs).all()
    if not ids:
        return
    session.execute(
        sa.update(InboxEvent)
        .where(InboxEvent.store_id == store_id, InboxEvent.event_id.in_(ids))
        .values(state=InboxState.FOLDED)
    )
    session.execute(
        sa.delete(ParkedEvent).where(
            ParkedEvent.store_id == store_id, ParkedEvent.event_id.in_(ids)
        )
    )


def parked(session: Session, most: int) -> Sequence[tuple[ParkedEvent, InboxEvent]]:
    """What is parked, oldest first."""
    of_inbox = sa.and_(
        InboxEvent.store_id == ParkedEvent.store_id, InboxEvent.event_id == ParkedEvent.event_id
    )
    wanted = sa.select(ParkedEvent, InboxEvent).join(InboxEvent, of_inbox)
    rows = session.execute(wanted.order_by(ParkedEvent.id).limit(most))
    return [(each, event) for each, event in rows]


def put_back(
    session: Session,
    sealer: Sealer,
    now: dt.datetime,
    *,
    store_id: str | None = None,
    event_ids: Collection[str] | None = None,
    members: Collection[str] | None = None,
) -> int:
    """Let parked events wait again: all, or those of these; how many there were.

    Those of `members` are put back by ourselves, all others by a person: for them no limit holds.
    """
    chosen = [
        InboxEvent.state == InboxState.PARKED,
        InboxEvent.store_id == ParkedEvent.store_id,
        InboxEvent.event_id == ParkedEvent.event_id,
    ]
    if store_id is not None:
        chosen.append(ParkedEvent.store_id == store_id)
    if event_ids is not None:
        chosen.append(ParkedEvent.event_id.in_(event_ids))
    if members is not None:
        chosen += [ParkedEvent.reason == UNKNOWN_MEMBER, InboxEvent.subject.in_(members)]
    rows = session.execute(sa.select(ParkedEvent, InboxEvent).where(*chosen)).all()
    for each, row in rows:
        event = json.loads(sealer.open(DATA, each.sealed_data))
        body = json.dumps([event], ensure_ascii=False).encode()
        batch = InboxBatch(
            store_id=row.store_id,
            received_at=now,
            sealed_body=sealer.seal(BODY, body),
            is_let_through=members is None,
        )
        session.add(batch)
        session.flush()
        row.batch_id, row.position, row.state = batch.id, 0, InboxState.WAITING
        session.delete(each)
    return len(rows)
