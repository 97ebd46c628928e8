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
