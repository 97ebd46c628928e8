"""Puts news of a member into the outbox, each with a greater version than the one before."""

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from core import outbox
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from core.sealing import Sealer


def add(
    session: Session,
    sealer: Sealer,
    kind: EventType,
    member: Member,
    data: Mapping[str, object],
    *,
    store_id: str,
    now: dt.datetime,
) -> None:
    """Queue one event about `member`, in the transaction of the change itself.

    Until that ends, nobody else can queue news of this member: so versions rise in the order in
    which events are sent.
    """
    about = {
        "member": member.public_id,
        **data,
        "store": store_id,
        "version": _next(session, member),
    }
    outbox.add(session, sealer, kind, subject=member.public_id, data=about, now=now)


def readdress(
    session: Session, sealer: Sealer, row: OutboxEvent, data: Mapping[str, object], member: Member
) -> None:
    """Queue news that was about somebody else as news of `member`; the caller has deleted `row`.

    It is the same event. If it was under way as it was, the receiver has it once, about who turned
    out to be `member`: that is told before this.
    """
    about = {**data, "member": member.public_id, "version": _next(session, member)}
    kept = ("event_id", "type", "source", "occurred_at", "state", "attempts")
    session.add(
        OutboxEvent(
            **{name: getattr(row, name) for name in kept},
            subject=member.public_id,
            sealed_data=outbox.sealed(sealer, about),
            next_attempt_at=row.next_attempt_at,
            last_error=row.last_error,
        )
    )


def _next(session: Session, member: Member) -> int:
    # Counted by the database: another transaction may have counted since `member` was read.
    session.flush()
    version = session.scalars(
        sa.update(Member)
        .where(Member.id == member.id)
        .values(version=Member.version + 1)
        .returning(Member.version)
        .execution_options(synchronize_session=False)
    ).one()
    set_committed_value(member, "version", version)
    return version
