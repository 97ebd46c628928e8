"""What the CRM refused, for a person to look at, and to send again or let go of.

What an event said stays sealed: nobody needs to read it to find a CRM's field that was too
short. Its type, its subject and the CRM's reason are enough for that.
"""

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.outbox_event import OutboxEvent, OutboxState

# Written out, not bound: a partial index is for those who name its very rows.
_PARKED: sa.ColumnElement[OutboxState] = sa.literal_column(f"'{OutboxState.PARKED}'")
_parked = OutboxEvent.state == _PARKED


def parked(session: Session, limit: int) -> list[OutboxEvent]:
    """The oldest of them."""
    wanted = sa.select(OutboxEvent).where(_parked).order_by(OutboxEvent.id).limit(limit)
    return list(session.scalars(wanted))


def send_again(session: Session, now: dt.datetime, event_ids: Collection[str] | None = None) -> int:
    """Let them wait for their turn again, all if no ids are given; how many there were.

    They go before what waits already. News that overtook them is newer, by its version, and
    so is what the CRM keeps.
    """
    chosen = [_parked] if event_ids is None else [_parked, OutboxEvent.event_id.in_(event_ids)]
    result = session.connection().execute(
        sa.update(OutboxEvent)
        .where(*chosen)
        .values(state=OutboxState.WAITING, attempts=0, next_attempt_at=now, last_error="")
    )
    return result.rowcount


def let_go(session: Session, event_id: str) -> bool:
    """Delete one that nobody will mend; whether there was one.

    If the CRM lacks what it told of a member or a day, the next reconciliation tells that anew.
    """
    gone = sa.delete(OutboxEvent).where(_parked, OutboxEvent.event_id == event_id)
    return bool(session.connection().execute(gone).rowcount)
