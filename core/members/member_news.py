"""What the CRM hears of members: everything they agreed to have sent, and nothing else."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.events import member_event, unsent
from core.models import identity as identities
from core.models.consent import Purpose
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
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
    """Queue the member as they are now, whole; nothing, if they no longer agree to be one."""
    if Purpose.MEMBERSHIP not in (agreed := set(purposes)):
        return
    data = {
        **_keys(session, sealer, member),
        "language": member.language,
        "enrolled_at": member.enrolled_at.isoformat(),
        "consents": sorted(agreed - {Purpose.TERMS}),
    }
    if not is_new:
        unsent.correct(session, sealer, member.public_id, data)
    kind = EventType.MEMBER_ENROLLED if is_new else EventType.MEMBER_UPDATED
    member_event.add(session, sealer, kind, member, data, store_id=store_id, now=now)


def _keys(session: Session, sealer: Sealer, member: Member) -> dict[str, object]:
    """How the person can be known: of several numbers or addresses, the one proven last.

    With it, what headquarters needs to tell whose it is now (`core.one_member`).
    """
    rows = session.scalars(
        sa.select(Identity)
        .where(Identity.member_id == member.id)
        .order_by(Identity.verified_at, Identity.id)
    )
    of_kind: dict[IdentityKind, list[Identity]] = {kind: [] for kind in IdentityKind}
    for row in rows:
        of_kind[row.kind].append(row)
    newest = {kind: found[-1] if found else None for kind, found in of_kind.items()}
    return {
        **_passing(sealer, "phone", newest[IdentityKind.PHONE]),
        **_passing(sealer, "email", newest[IdentityKind.EMAIL]),
        "unionid": _value(sealer, newest[IdentityKind.UNIONID]),
        "openids": sorted(_opened(sealer, row) for row in of_kind[IdentityKind.OPENID]),
    }


def _passing(sealer: Sealer, name: str, row: Identity | None) -> dict[str, object]:
    """A key that can change hands, and when it was proven."""
    bound_at = row.bound_at if row else None
    return {
        name: _value(sealer, row),
        f"{name}_verified_at": row.verified_at.isoformat() if row else None,
        f"{name}_bound_at": bound_at.isoformat() if bound_at else None,
    }


def _value(sealer: Sealer, row: Identity | None) -> str | None:
    return _opened(sealer, row) if row else None


def _opened(sealer: Sealer, row: Identity) -> str:
    return sealer.open(identities.VALUE, row.sealed_value).decode()
