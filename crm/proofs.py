"""Writes down that the CRM has taken a consent, a withdrawal or an erasure, and reads it again.

The outbox forgets what was sent after a month; this is kept for as long as the law wants it shown
(`core.periods.CRM_PROOF`).
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import outbox
from core.models.consent import Purpose
from core.models.crm_proof import CrmProof, ToldOf
from core.outbox import EventType
from core.sealing import SealBrokenError, Sealer
from crm.event import Row

_SORTS: Mapping[str, ToldOf] = {
    EventType.CONSENT_GIVEN: ToldOf.GIVEN,
    EventType.CONSENT_WITHDRAWN: ToldOf.WITHDRAWN,
    EventType.MEMBER_ERASED: ToldOf.ERASED,
}


def keep(
    session: Session,
    sealer: Sealer,
    rows: Iterable[Row],
    crm: str,
    *,
    has_place: bool,
    now: dt.datetime,
) -> None:
    """Of these the CRM has taken those that are about somebody's will. Told twice, it is one."""
    proofs = [
        {
            "event_id": row.event_id,
            "member": row.subject,
            "told_of": told_of,
            "purpose": None if told_of is ToldOf.ERASED else _purpose(sealer, row),
            "crm": crm,
            "has_place": has_place,
            "happened_at": row.occurred_at,
            "confirmed_at": now,
        }
        for row in rows
        if (told_of := _SORTS.get(row.type))
    ]
    if proofs:
        insert = postgresql.insert if session.get_bind().dialect.name != "sqlite" else sqlite.insert
        session.execute(insert(CrmProof).on_conflict_do_nothing(), proofs)


def shown(
    session: Session, member: str | None, since: dt.datetime | None, most: int
) -> Sequence[CrmProof]:
    """The newest, of a member or of all."""
    wanted = sa.select(CrmProof).order_by(CrmProof.confirmed_at.desc(), CrmProof.id.desc())
    if member is not None:
        wanted = wanted.where(CrmProof.member == member)
    if since is not None:
        wanted = wanted.where(CrmProof.confirmed_at >= since)
    return session.scalars(wanted.limit(most)).all()


def _purpose(sealer: Sealer, row: Row) -> Purpose | None:
    """None if what it said does not open any more."""
    try:
        said = json.loads(sealer.open(outbox.DATA, row.sealed_data))
        return Purpose(said["purpose"])
    except (SealBrokenError, ValueError, KeyError, TypeError):
        return None
