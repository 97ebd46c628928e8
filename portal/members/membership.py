"""Members: found by what they have proven, enrolled when they ask for it."""

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Literal, overload

import sqlalchemy as sa
import ulid
from sqlalchemy.orm import Session

from core import one_member
from core.account import Account
from core.models import identity as identities
from core.models import login as logins
from core.models.base import Base
from core.models.identity import Identity, IdentityKind
from core.models.login import Login
from core.models.member import Member
from core.one_member import Owned, Ruling
from core.sealing import Sealer
from portal import mutex
from portal.members import merging

_KINDS = frozenset(kind.value for kind in IdentityKind)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Proof:
    """What one login has shown, by `core.one_member`. Hides itself when printed."""

    keys: Mapping[IdentityKind, str]
    at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """Whose a proof turned out to be."""

    member: Member
    is_new: bool
    absorbed: Sequence[str]
    """Public ids of members who turned out to be the same person, and are gone."""
    has_new_key: bool
    """Whether a key of the proof was not theirs before."""
    losers: Sequence[Member] = ()
    """Whom a key has left for this member."""


def proof_of(sealer: Sealer, login: Login, now: dt.datetime) -> Proof:
    """What a login has shown; without keys if it shows nobody in particular (a voucher).

    A number that an earlier login proved is none of this one's keys: it may have changed hands.
    """
    keys: dict[IdentityKind, str] = {}
    if login.sealed_account is not None and login.number_proven_at is None:
        account = Account.opened(sealer, logins.ACCOUNT, login.sealed_account)
        if account.kind in _KINDS:
            keys[IdentityKind(account.kind)] = account.value
    if login.sealed_keys is not None:
        more = json.loads(sealer.open(logins.KEYS, login.sealed_keys))
        keys |= {IdentityKind(kind): value for kind, value in more.items()}
    return Proof(keys, login.verified_at or now)


def find(session: Session, sealer: Sealer, proof: Proof) -> Member | None:
    """The member whom `claim` would find, and nobody else: a number may be a stranger's by now."""
    lookups = [sealer.lookup(kind, value.encode()) for kind, value in proof.keys.items()]
    found = session.execute(
        sa.select(Member, Identity)
        .join(Identity, Identity.member_id == Member.id)
        .where(Identity.lookup.in_(lookups))
        .order_by(Member.enrolled_at, Member.id)
    ).all()
    if not found or not one_member.LASTING & proof.keys.keys():
        return found[0].Member if found else None
    known = [_owned(session, row.Identity) for row in found]
    ruling = one_member.rule(frozenset(proof.keys), known, proof.at)
    return session.get(Member, ruling.member) if ruling.member is not None else None


@overload
def claim(
    session: Session,
    sealer: Sealer,
    proof: Proof,
    *,
    language: str,
    enrols: Literal[True],
    now: dt.datetime,
) -> Claim: ...
@overload
def claim(
    session: Session,
    sealer: Sealer,
    proof: Proof,
    *,
    language: str,
    enrols: bool,
    now: dt.datetime,
) -> Claim | None: ...
def claim(
    session: Session,
    sealer: Sealer,
    proof: Proof,
    *,
    language: str,
    enrols: bool,
    now: dt.datetime,
) -> Claim | None:
    """Find the member that a proof is of, by the rules of `core.one_member`, and keep its keys.

    Args:
        session: the transaction.
        sealer: seals and finds the keys.
        proof: what was proven.
        language: of a new member.
        enrols: whether somebody new becomes a member.
        now: the time.

    Returns:
        The member and what has become of others; None if it is nobody's, and `enrols` is not set.
    """
    lookups = {kind: sealer.lookup(kind, value.encode()) for kind, value in proof.keys.items()}
    for lookup in sorted(lookups.values()):
        mutex.hold(session, lookup)
    known = {
        kind: identity
        for kind, lookup in lookups.items()
        if (identity := _identity(session, kind, lookup)) is not None
    }
    ruling = one_member.rule(
        frozenset(proof.keys), [_owned(session, each) for each in known.values()], proof.at
    )
    if ruling.member is None and not enrols:
        return None
    member = _member(session, ruling, language, now)
    absorbed = absorb(session, member, ruling.absorbed)
    kept = {kind: value for kind, value in proof.keys.items() if kind not in ruling.ceded}
    losers: set[int] = set()
    has_new_key = False
    for kind, value in kept.items():
        row = known.get(kind)
        has_new_key |= row is None or row.member_id != member.id
        if row is None:
            row = _new_key(session, sealer, member, (kind, value), proof.at)
        elif row.member_id != member.id:
            losers.add(row.member_id)
        row.member_id = member.id
        row.verified_at = max(row.verified_at, proof.at)
        if one_member.LASTING & proof.keys.keys():
            row.bound_at = max(row.bound_at or proof.at, proof.at)
    session.flush()
    lost = [session.get_one(Member, each) for each in sorted(losers)]
    return Claim(member, ruling.member is None, absorbed, has_new_key, lost)


def _new_key(
    session: Session,
    sealer: Sealer,
    member: Member,
    key: tuple[IdentityKind, str],
    verified_at: dt.datetime,
) -> Identity:
    kind, value = key
    row = Identity(
        member_id=member.id,
        kind=kind,
        lookup=sealer.lookup(kind, value.encode()),
        sealed_value=sealer.seal(identities.VALUE, value.encode()),
        verified_at=verified_at,
    )
    session.add(row)
    return row


def _identity(session: Session, kind: IdentityKind, lookup: bytes) -> Identity | None:
    return session.scalar(
        sa.select(Identity)
        .where(Identity.kind == kind, Identity.lookup == lookup)
        .with_for_update()
    )


def _owned(session: Session, identity: Identity) -> Owned:
    member = session.get_one(Member, identity.member_id)
    lasting = sa.select(sa.func.count()).where(
        Identity.member_id == member.id, Identity.kind.in_(one_member.LASTING)
    )
    is_lasting = bool(session.scalar(lasting))
    return Owned(identity.kind, member.id, member.enrolled_at, is_lasting, identity.bound_at)


def _member(session: Session, ruling: Ruling, language: str, now: dt.datetime) -> Member:
    if ruling.member is not None:
        return session.get_one(Member, ruling.member, with_for_update=True)
    member = Member(public_id=str(ulid.ULID()), language=language, enrolled_at=now, version=0)
    session.add(member)
    session.flush()
    return member


def absorb(session: Session, member: Member, others: Sequence[int]) -> Sequence[str]:
    """Make all that is of `others` this member's, and delete them; their public ids."""
    if not others:
        return []
    gone = [session.get_one(Member, each, with_for_update=True) for each in others]
    for other in gone:
        member.version = max(member.version, other.version)
        for table, column in _belongings():
            merging.make_room(session, table, column, stays=member.id, goes=other.id)
            session.execute(
                sa.update(table).where(column == other.id).values({column.name: member.id})
            )
    # What was moved must not be looked at through what is cached of it.
    session.expire_all()
    for other in gone:
        session.delete(other)
    session.flush()
    return [other.public_id for other in gone]


def _belongings() -> Sequence[tuple[sa.Table, "sa.Column[int]"]]:
    """Every column that names a member, also those of tables that are still to come."""
    return [
        (table, key.parent)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == Member.__tablename__
    ]
