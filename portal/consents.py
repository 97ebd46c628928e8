"""What a person has agreed to, and in which wording."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.consent import Consent, Purpose
from core.models.member import Member
from core.texts import Texts

_WORDING: dict[Purpose, tuple[str, ...]] = {
    Purpose.TERMS: ("phone.terms", "phone.terms_link"),
    Purpose.MEMBERSHIP: ("consent.membership", "consent.membership_detail"),
    Purpose.MARKETING: ("consent.marketing", "consent.marketing_detail"),
    Purpose.VISIT_ANALYTICS: ("consent.visit_analytics", "consent.visit_analytics_detail"),
}


def version(texts: Texts, language: str, purpose: Purpose) -> str:
    """The wording that stands beside the box of `purpose`, with the notice it refers to."""
    notice = sorted(key for key in texts.catalogues[language] if key.startswith("notice."))
    return texts.version(language, *_WORDING[purpose], *notice)


def live(session: Session, phone_lookup: bytes) -> list[Consent]:
    """What is agreed to and not withdrawn, oldest first."""
    rows = sa.select(Consent).where(
        Consent.phone_lookup == phone_lookup, Consent.withdrawn_at.is_(None)
    )
    return list(session.scalars(rows.order_by(Consent.id)))


def purposes(given: Iterable[Consent]) -> set[Purpose]:
    return {consent.purpose for consent in given}


def record(
    session: Session,
    phone_lookup: bytes,
    purpose: Purpose,
    *,
    member: Member | None,
    wording: str,
    language: str,
    given_at: dt.datetime,
) -> Consent:
    consent = Consent(
        phone_lookup=phone_lookup,
        member_id=member.id if member else None,
        purpose=purpose,
        wording_version=wording,
        language=language,
        given_at=given_at,
    )
    session.add(consent)
    return consent
