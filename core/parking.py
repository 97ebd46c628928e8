"""What the CRM refused, for a person to look at, and to send again or let go of.

What an event said stays sealed: nobody needs to read it to find a CRM's field that was too
short. Its type, its subject and the CRM's reason are enough for that.
"""

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType

BINDING = frozenset({EventType.MEMBER_ERASED, EventType.MEMBER_MERGED, EventType.CONSENT_WITHDRAWN})
"""Never let go of: somebody's will, or who is nobody any more. Without it the CRM would go on."""

TOLD_ANEW = frozenset(
    {
        EventType.MEMBER_ENROLLED,
        EventType.MEMBER_UPDATED,
        EventType.CONSENT_GIVEN,
        EventType.ATTRIBUTION_CHANGED,
        EventType.COUPON_ISSUED,
        EventType.COUPON_USED,
        EventType.TRAFFIC_DAY,
    }
)
"""What a comparison with the CRM tells again, if there is one. All else is gone with the event."""

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
    """Delete one that nobody will mend, of a kind that may be; whether there was one.

    If the next comparison can tell it anew, it will: the member's version rises for that, since the
    CRM may have had later news of them, and versions alone are compared.
    """
    gone = sa.delete(OutboxEvent).where(
        _parked, OutboxEvent.event_id == event_id, OutboxEvent.type.not_in(BINDING)
    )
    row = session.execute(gone.returning(OutboxEvent.type, OutboxEvent.subject)).one_or_none()
    if row is None:
        return False
    if row.type in TOLD_ANEW:
        # A day is no member's id, and is compared by what it says itself.
        session.execute(
            sa.update(Member)
            .where(Member.public_id == row.subject)
            .values(version=Member.version + 1)
        )
    return True
