"""Members: found by a proven phone number, enrolled when they ask for it."""

import datetime as dt

import sqlalchemy as sa
import ulid
from sqlalchemy.orm import Session

from core.models import identity as identities
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.phone_number import PhoneNumber
from core.sealing import Sealer


def find(session: Session, phone_lookup: bytes) -> Member | None:
    return session.scalar(
        sa.select(Member)
        .join(Identity, Identity.member_id == Member.id)
        .where(Identity.kind == IdentityKind.PHONE, Identity.lookup == phone_lookup)
    )


def enrol(
    session: Session,
    sealer: Sealer,
    phone: PhoneNumber,
    phone_lookup: bytes,
    *,
    language: str,
    verified_at: dt.datetime,
    now: dt.datetime,
) -> Member:
    member = Member(public_id=str(ulid.ULID()), language=language, enrolled_at=now, version=1)
    session.add(member)
    session.flush()
    session.add(
        Identity(
            member_id=member.id,
            kind=IdentityKind.PHONE,
            lookup=phone_lookup,
            sealed_value=sealer.seal(identities.VALUE, phone.e164().encode()),
            verified_at=verified_at,
        )
    )
    return member
