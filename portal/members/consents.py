"""What a person has agreed to, and in which wording."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.consent import Consent, Purpose
from core.models.member import Member


def live(session: Session, account_lookup: bytes, member: Member | None = None) -> list[Consent]:
    """What is agreed to and not withdrawn, oldest first: by an account, and by its member."""
    whose = Consent.account_lookup == account_lookup
    if member is not None:
        whose = sa.or_(whose, Consent.member_id == member.id)
    rows = sa.select(Consent).where(whose, Consent.withdrawn_at.is_(None))
    return list(session.scalars(rows.order_by(Consent.id)))


def purposes(given: Iterable[Consent]) -> set[Purpose]:
    return {consent.purpose for consent in given}


def record(
    session: Session,
    account_lookup: bytes,
    purpose: Purpose,
    *,
    member: Member | None,
    wording: str,
    language: str,
    given_at: dt.datetime,
) -> Consent:
    consent = Consent(
        account_lookup=account_lookup,
        member_id=member.id if member else None,
        purpose=purpose,
        wording_version=wording,
        language=language,
        given_at=given_at,
    )
    session.add(consent)
    return consent


def withdraw(consents: Iterable[Consent], purpose: Purpose, now: dt.datetime) -> bool:
    """End those of `purpose` in the transaction they were read in; whether there were any."""
    live_ones = [each for each in consents if each.purpose is purpose and each.withdrawn_at is None]
    for consent in live_ones:
        consent.withdrawn_at = now
    return bool(live_ones)
