"""What a person has agreed to, and in which wording."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.consent import Consent, Purpose, Via
from core.models.member import Member


def of_person(lookups: Collection[bytes], member: Member | None) -> sa.ColumnElement[bool]:
    """Those of an account and of its member.

    Not those of another member who had the account before: numbers are given out again.
    """
    nobodys = sa.and_(Consent.account_lookup.in_(lookups), Consent.member_id.is_(None))
    return nobodys if member is None else sa.or_(nobodys, Consent.member_id == member.id)


def live(session: Session, account_lookup: bytes, member: Member | None = None) -> list[Consent]:
    """What is agreed to and not withdrawn, oldest first: by an account, and by its member."""
    whose = of_person([account_lookup], member)
    rows = sa.select(Consent).where(whose, Consent.withdrawn_at.is_(None))
    return list(session.scalars(rows.order_by(Consent.id)))


def of_member(session: Session, member: Member) -> list[Consent]:
    """What a member agrees to now."""
    theirs = sa.select(Consent).where(
        Consent.member_id == member.id, Consent.withdrawn_at.is_(None)
    )
    return list(session.scalars(theirs.order_by(Consent.id)))


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


def withdraw(
    consents: Iterable[Consent], purpose: Purpose, via: Via, now: dt.datetime
) -> Sequence[Consent]:
    """End those of `purpose` in the transaction they were read in; which there were."""
    live_ones = [each for each in consents if each.purpose is purpose and each.withdrawn_at is None]
    for consent in live_ones:
        consent.withdrawn_at, consent.withdrawn_via = now, via
    return live_ones
