"""All that is known of one person, opened: for their own eyes, once it is known who asks.

Theirs is what hangs on the account they proved, and on its member with all the member's keys.
A phone that others have logged in with, too, is theirs only as far as their own logins go.
"""

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.account import Account, AccountKind
from core.mac import Mac
from core.members import consents
from core.models import device as devices
from core.models import identity as identities
from core.models import login as logins
from core.models.consent import Consent
from core.models.device import Device
from core.models.grant import Grant
from core.models.identity import Identity
from core.models.login import Login
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.sealing import Sealer


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Key:
    """One proven identifier of the member."""

    account: Account
    kind: str
    verified_at: dt.datetime
    bound_at: dt.datetime | None


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Phone:
    mac: Mac
    randomised: bool
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    device: Device


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Stay:
    """A session, with the login behind it."""

    grant: Grant
    login: Login
    account: Account | None


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Dossier:
    """Hides itself when printed."""

    account: Account
    """The one that was proven."""
    member: Member | None
    keys: Sequence[Key]
    consents: Sequence[Consent]
    phones: Sequence[Phone]
    stays: Sequence[Stay]
    """Newest first; the same order everywhere below."""
    news: Sequence[OutboxEvent]
    """What the CRM was sent, or will be."""
    lookups: frozenset[bytes]
    """The blind indexes of the account and the keys."""


def read(
    session: Session,
    sealer: Sealer,
    account: Account,
    lookup: bytes,
    member: Member | None,
    *,
    devices: Collection[int] = (),
) -> Dossier:
    """Everything of a person.

    Args:
        session: the transaction.
        sealer: opens what is sealed.
        account: by which they are known to be themselves.
        lookup: its blind index.
        member: who they are, if they are a member.
        devices: ids of phones that are theirs besides those they have logged in with.
    """
    rows = _identities(session, member)
    lookups = frozenset({lookup} | {row.lookup for row in rows})
    stays = _stays(session, sealer, member, lookups)
    mine = consents.of_person(lookups, member)
    given = session.scalars(sa.select(Consent).where(mine).order_by(Consent.id.desc())).all()
    news: Sequence[OutboxEvent] = ()
    if member is not None:
        about = sa.select(OutboxEvent).where(OutboxEvent.subject == member.public_id)
        news = session.scalars(about.order_by(OutboxEvent.id.desc())).all()
    return Dossier(
        account,
        member,
        [_key(sealer, row) for row in rows],
        given,
        _phones(session, sealer, {stay.grant.device_id for stay in stays} | set(devices)),
        stays,
        news,
        lookups,
    )


def of_member(session: Session, sealer: Sealer, public_id: str) -> Dossier | None:
    """Everything of a member, by the key they proved last; None if there is no such member."""
    member = session.scalar(sa.select(Member).where(Member.public_id == public_id))
    rows = _identities(session, member)
    if member is None or not rows:
        return None
    return read(session, sealer, _key(sealer, rows[-1]).account, rows[-1].lookup, member)


def _identities(session: Session, member: Member | None) -> Sequence[Identity]:
    if member is None:
        return ()
    mine = sa.select(Identity).where(Identity.member_id == member.id)
    return session.scalars(mine.order_by(Identity.verified_at, Identity.id)).all()


def _key(sealer: Sealer, row: Identity) -> Key:
    value = sealer.open(identities.VALUE, row.sealed_value).decode()
    # A unionid is no account of a login, but is masked like an openid.
    kind = AccountKind.OPENID if row.kind == "unionid" else AccountKind(row.kind)
    return Key(Account(kind, value), row.kind, row.verified_at, row.bound_at)


def _stays(
    session: Session, sealer: Sealer, member: Member | None, lookups: frozenset[bytes]
) -> list[Stay]:
    mine: sa.ColumnElement[bool] = Login.account_lookup.in_(lookups)
    if member is not None:
        mine = sa.or_(mine, Grant.member_id == member.id)
    rows = session.execute(
        sa.select(Grant, Login)
        .join(Login, Login.id == Grant.login_id)
        .where(mine)
        .order_by(Grant.started_at.desc(), Grant.id.desc())
    )
    return [
        Stay(
            grant,
            login,
            Account.opened(sealer, logins.ACCOUNT, login.sealed_account)
            if login.sealed_account
            else None,
        )
        for grant, login in rows
    ]


def _phones(session: Session, sealer: Sealer, ids: set[int]) -> list[Phone]:
    rows = session.scalars(
        sa.select(Device).where(Device.id.in_(ids)).order_by(Device.last_seen_at.desc())
    )
    return [
        Phone(
            Mac(sealer.open(devices.MAC, row.sealed_mac)),
            row.randomised,
            row.first_seen_at,
            row.last_seen_at,
            row,
        )
        for row in rows
    ]
