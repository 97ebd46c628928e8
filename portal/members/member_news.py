"""What the CRM hears of members: everything they agreed to have sent, and nothing else."""

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import outbox
from core.models import identity as identities
from core.models.consent import Purpose
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import Sealer


def changed(
    session: Session,
    sealer: Sealer,
    member: Member,
    *,
    is_new: bool,
    purposes: Iterable[Purpose],
    store_id: str,
    now: dt.datetime,
) -> None:
    """Queue the member as they are now, whole."""
    data = {
        "member": member.public_id,
        **_keys(session, sealer, member),
        "language": member.language,
        "enrolled_at": member.enrolled_at.isoformat(),
        "consents": sorted(set(purposes) - {Purpose.TERMS}),
        "store": store_id,
        "version": member.version,
    }
    kind = EventType.MEMBER_ENROLLED if is_new else EventType.MEMBER_UPDATED
    outbox.add(session, sealer, kind, subject=member.public_id, data=data, now=now)


def merged(
    session: Session,
    sealer: Sealer,
    member: Member,
    absorbed: Sequence[str],
    *,
    store_id: str,
    now: dt.datetime,
) -> None:
    """Queue that members turned out to be one person; `changed` has to follow.

    It says all that waits to be said of who they were.
    """
    session.execute(
        sa.delete(OutboxEvent).where(
            OutboxEvent.subject.in_(absorbed),
            OutboxEvent.type.in_((EventType.MEMBER_ENROLLED, EventType.MEMBER_UPDATED)),
            OutboxEvent.state != OutboxState.SENT,
        )
    )
    data = {
        "member": member.public_id,
        "absorbed": list(absorbed),
        "store": store_id,
        "version": member.version,
    }
    kind = EventType.MEMBER_MERGED
    outbox.add(session, sealer, kind, subject=member.public_id, data=data, now=now)


def _keys(session: Session, sealer: Sealer, member: Member) -> dict[str, object]:
    """How the person can be known: of several numbers or addresses, the one proven last."""
    rows = session.scalars(
        sa.select(Identity)
        .where(Identity.member_id == member.id)
        .order_by(Identity.verified_at, Identity.id)
    )
    values: dict[IdentityKind, list[str]] = {kind: [] for kind in IdentityKind}
    for row in rows:
        values[row.kind].append(sealer.open(identities.VALUE, row.sealed_value).decode())
    newest = {kind: found[-1] if found else None for kind, found in values.items()}
    return {
        "phone": newest[IdentityKind.PHONE],
        "email": newest[IdentityKind.EMAIL],
        "unionid": newest[IdentityKind.UNIONID],
        "openids": sorted(values[IdentityKind.OPENID]),
    }
