"""What members change about themselves. The caller has seen a fresh proof."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.members import consents, member_news, withdrawal
from core.members.dossier import Dossier
from core.models import identity as identities
from core.models.consent import Purpose, Via
from core.models.identity import Identity, IdentityKind
from core.models.login import Login, Serves
from core.models.member import Member
from core.sealing import Sealer
from portal.ways.login import account_of, whose


def set_language(
    session: Session,
    sealer: Sealer,
    dossier: Dossier,
    language: str,
    *,
    store_id: str,
    now: dt.datetime,
) -> None:
    member = dossier.member
    if member is None or member.language == language:
        return
    member.language = language
    _tell(session, sealer, dossier, member, store_id=store_id, now=now)


def withdraw(
    session: Session,
    sealer: Sealer,
    dossier: Dossier,
    purpose: Purpose,
    *,
    store_id: str,
    now: dt.datetime,
) -> bool:
    """Whether there was anything to withdraw. The CRM hears what is left."""
    return withdrawal.withdraw(
        session,
        sealer,
        dossier.consents,
        member=dossier.member,
        purpose=purpose,
        via=Via.MY_DATA,
        store_id=store_id,
        now=now,
    )


def change_account(
    session: Session,
    sealer: Sealer,
    dossier: Dossier,
    login: Login,
    *,
    store_id: str,
    now: dt.datetime,
) -> bool:
    """Put the number or e-mail address that `login` proves in the place of the member's old one.

    The old one goes for good: networks give numbers out again, employers mailboxes, and the next
    owner must not be taken for this member.

    Returns:
        False if the new one is another member's.
    """
    member, lookup, account = dossier.member, whose(login), account_of(sealer, login)
    kind = IdentityKind(account.kind)
    if member is None:
        return False
    known = session.scalar(
        sa.select(Identity).where(Identity.kind == kind, Identity.lookup == lookup)
    )
    if known is not None and known.member_id != member.id:
        return False
    session.execute(
        sa.delete(Identity).where(
            Identity.member_id == member.id,
            Identity.kind == kind,
            Identity.lookup != lookup,
        )
    )
    if known is None:
        session.add(
            Identity(
                member_id=member.id,
                kind=kind,
                lookup=lookup,
                sealed_value=sealer.seal(identities.VALUE, account.value.encode()),
                verified_at=now,
            )
        )
    # What was shown for the old one is shown for the new one.
    login.serves = Serves.MY_DATA
    _tell(session, sealer, dossier, member, store_id=store_id, now=now)
    return True


def _tell(
    session: Session,
    sealer: Sealer,
    dossier: Dossier,
    member: Member,
    *,
    store_id: str,
    now: dt.datetime,
) -> None:
    live = [each for each in dossier.consents if each.withdrawn_at is None]
    member_news.changed(
        session,
        sealer,
        member,
        is_new=False,
        purposes=consents.purposes(live),
        store_id=store_id,
        now=now,
    )
