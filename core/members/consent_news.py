"""What the CRM hears of consents: each that a member gives or withdraws, in which words, when."""

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.events import member_event, unsent
from core.models.consent import Consent, Purpose
from core.models.member import Member
from core.outbox import EventType
from core.sealing import Sealer


def given(
    session: Session,
    sealer: Sealer,
    member: Member,
    new: Iterable[Consent],
    *,
    store_id: str,
    now: dt.datetime,
) -> None:
    """Queue that the member agrees to more, each purpose by itself."""
    for consent in new:
        kind, data = EventType.CONSENT_GIVEN, _data(consent)
        member_event.add(session, sealer, kind, member, data, store_id=store_id, now=now)


def withdrawn(
    session: Session,
    sealer: Sealer,
    member: Member,
    ended: Sequence[Consent],
    *,
    store_id: str,
    now: dt.datetime,
) -> None:
    """Queue that the member agrees to something no longer; what waits and rests on it is forgotten.

    Args:
        session: the transaction.
        sealer: seals the news.
        member: whose consents they are.
        ended: those of one purpose, ended in this transaction; of several the newest is told.
        store_id: who tells.
        now: the time.
    """
    newest = max(ended, key=lambda each: (each.given_at, each.id))
    _tell_withdrawn(session, sealer, member, newest, store_id=store_id, now=now)
    # After the event, which holds the member: nobody can add to it meanwhile.
    unsent.withdraw(session, sealer, member.public_id, newest.purpose)


def anew(
    session: Session, sealer: Sealer, member: Member, *, store_id: str, now: dt.datetime
) -> None:
    """Queue how it stands with each purpose, for who turned out to be several members."""
    theirs = sa.select(Consent).where(
        Consent.member_id == member.id, Consent.purpose != Purpose.TERMS
    )
    newest: dict[Purpose, Consent] = {}
    for consent in session.scalars(theirs.order_by(Consent.given_at, Consent.id)):
        before = newest.get(consent.purpose)
        if before is None or consent.withdrawn_at is None or before.withdrawn_at is not None:
            newest[consent.purpose] = consent
    for _, consent in sorted(newest.items()):
        if consent.withdrawn_at is None:
            given(session, sealer, member, [consent], store_id=store_id, now=now)
        else:
            _tell_withdrawn(session, sealer, member, consent, store_id=store_id, now=now)


def _tell_withdrawn(
    session: Session,
    sealer: Sealer,
    member: Member,
    consent: Consent,
    *,
    store_id: str,
    now: dt.datetime,
) -> None:
    ended_at = consent.withdrawn_at or now
    data = {**_data(consent), "withdrawn_at": ended_at.isoformat()}
    kind = EventType.CONSENT_WITHDRAWN
    member_event.add(session, sealer, kind, member, data, store_id=store_id, now=now)


def _data(consent: Consent) -> dict[str, object]:
    return {
        "purpose": consent.purpose,
        "wording_version": consent.wording_version,
        "language": consent.language,
        "given_at": consent.given_at.isoformat(),
    }
