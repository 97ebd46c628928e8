"""Ends one consent of a person, and tells the CRM of it: one way, whoever brings their will.

By what way it came is part of the record (`Via`). Nothing here gives a consent back.
"""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.members import consent_news, consents, member_news
from core.models.consent import Consent, Purpose, Via
from core.models.member import Member
from core.sealing import Sealer


def withdraw(
    session: Session,
    sealer: Sealer,
    agreed: Sequence[Consent],
    *,
    member: Member | None,
    purpose: Purpose,
    via: Via,
    store_id: str,
    now: dt.datetime,
) -> bool:
    """Whether there was anything to withdraw. The CRM hears what is left.

    Args:
        session: the transaction in which `agreed` was read.
        sealer: seals the news.
        agreed: all consents of the person.
        member: who they are, if they are a member.
        purpose: what they agree to no longer.
        via: how we know.
        store_id: who tells.
        now: the time.
    """
    ended = consents.withdraw(agreed, purpose, via, now)
    if ended and member is not None and purpose is not Purpose.TERMS:
        member_news.changed(
            session,
            sealer,
            member,
            is_new=False,
            purposes=consents.purposes(each for each in agreed if each.withdrawn_at is None),
            store_id=store_id,
            now=now,
        )
        consent_news.withdrawn(session, sealer, member, ended, store_id=store_id, now=now)
    return bool(ended)


def withdraw_of(
    session: Session,
    sealer: Sealer,
    public_id: str,
    purpose: Purpose,
    via: Via,
    *,
    until: dt.datetime,
    store_id: str,
    now: dt.datetime,
) -> bool | None:
    """As `withdraw`, of a member by their id; None if there is none.

    What was agreed to after `until`, when they withdrew elsewhere, stands.
    """
    wanted = sa.select(Member).where(Member.public_id == public_id).with_for_update()
    member = session.scalar(wanted)
    if member is None:
        return None
    agreed = consents.of_member(session, member)
    if any(each.purpose is purpose and each.given_at > until for each in agreed):
        return False
    return withdraw(
        session,
        sealer,
        agreed,
        member=member,
        purpose=purpose,
        via=via,
        store_id=store_id,
        now=now,
    )
