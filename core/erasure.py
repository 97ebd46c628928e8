"""Forgets a member, and leaves the CRM a tombstone.

Deleted: the member, what identifies them, and all that hangs on them. What waits for the CRM
about them never leaves; the tombstone does, before anything else. What stays, and why:

    consents   withdrawn, without the person: a blind index, as proof for three years
    grants     who was online when, and the logins and devices behind them: the law's log, by
               then the log of nobody's membership. It goes when it is due (`core.retention`)
    id         in `gone_members`: a CRM may come back from a backup with them

Consents and grants let go of the member by their foreign keys, so that nothing else that deletes
one, be it a merger or a hand at the database, takes them along.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Collection, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import gone_members, outbox
from core.events import unsent
from core.models.attribution import DeviceSource
from core.models.consent import Consent, Purpose, Via
from core.models.device import Device
from core.models.grant import Grant
from core.models.identity import Identity
from core.models.login import Login
from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import SealBrokenError, Sealer


@dataclasses.dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure came to, in counts."""

    identities: int
    consents: int
    """That are kept without the person."""
    sessions: int
    """That the law's log keeps."""
    unsent: int
    """Events that will not be sent."""


def erase(
    session: Session, sealer: Sealer, public_id: str, *, store_id: str, now: dt.datetime
) -> Erased | None:
    """Forget the member in the caller's transaction; None if there is no such member (any more).

    Everything of theirs that somebody else might be changing is locked before it is looked at.
    """
    member = session.scalar(sa.select(Member).where(Member.public_id == public_id))
    if member is None:
        return None
    # In the order of `portal.members.membership`, or two could wait for each other.
    keys = session.scalars(
        sa.select(Identity).where(Identity.member_id == member.id).with_for_update()
    ).all()
    locked = sa.select(Member).where(Member.id == member.id).with_for_update()
    if session.scalar(locked.execution_options(populate_existing=True)) is None:
        return None
    # Not a number that they gave up: it may be somebody else's now.
    accounts = {key.lookup for key in keys}
    ids, unsent_count = forget_news(session, sealer, public_id)
    consents = _let_go_of_consents(session, member, accounts, now)
    sessions = _let_go_of_devices(session, member, accounts, now)
    data = {
        "member": public_id,
        "absorbed": sorted(ids - {public_id}),
        "erased_at": now.isoformat(),
        "store": store_id,
        "version": member.version + 1,
    }
    session.delete(member)
    session.flush()
    gone_members.remember(session, ids, now)
    kind = EventType.MEMBER_ERASED
    outbox.add(session, sealer, kind, subject=public_id, data=data, now=now)
    return Erased(len(keys), consents, sessions, unsent_count)


def forget_unfinished(session: Session, accounts: Collection[bytes]) -> None:
    """Delete logins that led to no session: no law asks for them."""
    session.execute(
        sa.delete(Login).where(
            Login.account_lookup.in_(accounts), Login.id.not_in(sa.select(Grant.login_id))
        )
    )


def forget_news(session: Session, sealer: Sealer, public_id: str) -> tuple[set[str], int]:
    """Delete what waits for the CRM, or was refused by it, of them and of who they absorbed.

    Returns:
        All ids by which the CRM may know them, and how many events there were.
    """
    ids = {public_id}
    mergers = list(_unsent_mergers(session, sealer))
    while True:
        more = {
            other
            for data in mergers
            if data["member"] in ids
            for other in data.get("absorbed", ())
            if other not in ids
        }
        if not more:
            break
        ids |= more
    waiting = unsent.about(session, ids)
    unsent.forget(session, waiting)
    return ids, len(waiting)


def _unsent_mergers(session: Session, sealer: Sealer) -> Iterator[dict[str, str | list[str]]]:
    """Mergers that the CRM has not been told of."""
    waiting = sa.select(OutboxEvent.sealed_data).where(
        OutboxEvent.type == EventType.MEMBER_MERGED, OutboxEvent.state != OutboxState.SENT
    )
    for sealed in session.scalars(waiting):
        try:
            yield json.loads(sealer.open(outbox.DATA, sealed))
        except SealBrokenError:
            continue


def _let_go_of_consents(
    session: Session, member: Member, accounts: Collection[bytes], now: dt.datetime
) -> int:
    # Not those of another member, who had the number before.
    of_account = sa.and_(Consent.account_lookup.in_(accounts), Consent.member_id.is_(None))
    theirs = sa.or_(Consent.member_id == member.id, of_account)
    session.execute(
        sa.update(Consent)
        .where(theirs, Consent.withdrawn_at.is_(None), Consent.purpose != Purpose.TERMS)
        .values(withdrawn_at=now, withdrawn_via=Via.ERASURE)
    )
    kept = session.scalar(sa.select(sa.func.count()).select_from(Consent).where(theirs))
    return kept or 0


def _let_go_of_devices(
    session: Session, member: Member, accounts: Collection[bytes], now: dt.datetime
) -> int:
    """Their phones are strangers from now on; how many sessions of theirs stay in the log."""
    sessions = sa.select(Grant.id).join(Login, Login.id == Grant.login_id)
    theirs = sa.or_(Grant.member_id == member.id, Login.account_lookup.in_(accounts))
    kept = session.scalars(sessions.where(theirs)).all()
    devices = sa.select(Grant.device_id).where(Grant.id.in_(kept))
    session.execute(sa.update(Device).where(Device.id.in_(devices)).values(forgotten_at=now))
    session.execute(sa.delete(DeviceSource).where(DeviceSource.device_id.in_(devices)))
    forget_unfinished(session, accounts)
    return len(kept)
