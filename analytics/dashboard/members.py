"""The member list, one page at a time: newest first, what members are known by masked. No Flask."""

import contextlib
import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.account import Account, AccountKind
from core.database import Database
from core.models import identity as identities
from core.models.consent import Consent, Purpose
from core.models.grant import Grant
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.sealing import SealBrokenError, Sealer

PAGE_LENGTH = 50


# What a member is known by in the list: the first of these that they have.
_KINDS = {
    IdentityKind.PHONE: AccountKind.PHONE,
    IdentityKind.EMAIL: AccountKind.EMAIL,
    IdentityKind.UNIONID: AccountKind.OPENID,
    IdentityKind.OPENID: AccountKind.OPENID,
}

# What staff can reach somebody by. An openid is of no use to them.
_REVEALED = (IdentityKind.PHONE, IdentityKind.EMAIL)


@dataclasses.dataclass(frozen=True, slots=True)
class Masked:
    kind: AccountKind
    text: str


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Whole:
    kind: AccountKind
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class MemberLine:
    public_id: str
    known_by: Masked | None
    """None if nothing sealed opens: the secrets file is another one."""
    purposes: tuple[Purpose, ...]
    """Agreed to and not withdrawn."""
    enrolled_at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class MemberPage:
    lines: tuple[MemberLine, ...]
    count: int
    """Of all members."""
    number: int
    pages: int


@dataclasses.dataclass(frozen=True, slots=True)
class MemberBefore:
    """Somebody who is to be erased, and what that would come to."""

    line: MemberLine
    sessions: int
    """That stay in the connection log."""
    unsent: int
    """News for the CRM that would not leave."""


def page(database: Database, sealer: Sealer, number: int) -> MemberPage:
    """Page `number`, from 1; the last one if there are fewer."""
    with database.reading() as session:
        count = session.scalar(sa.select(sa.func.count(Member.id))) or 0
        pages = max(-(-count // PAGE_LENGTH), 1)
        number = min(max(number, 1), pages)
        members = session.scalars(
            sa.select(Member)
            .order_by(Member.enrolled_at.desc(), Member.id.desc())
            .offset((number - 1) * PAGE_LENGTH)
            .limit(PAGE_LENGTH)
        ).all()
        ids = [member.id for member in members]
        known, purposes = _known_by(session, sealer, ids), _purposes(session, ids)
    lines = tuple(
        MemberLine(member.public_id, known.get(member.id), purposes[member.id], member.enrolled_at)
        for member in members
    )
    return MemberPage(lines, count, number, pages)


def find(database: Database, sealer: Sealer, public_id: str) -> MemberBefore | None:
    with database.reading() as session:
        member = session.scalar(sa.select(Member).where(Member.public_id == public_id))
        if member is None:
            return None
        line = MemberLine(
            public_id,
            _known_by(session, sealer, [member.id]).get(member.id),
            _purposes(session, [member.id])[member.id],
            member.enrolled_at,
        )
        of_sessions = sa.select(sa.func.count(Grant.id)).where(Grant.member_id == member.id)
        of_news = sa.select(sa.func.count(OutboxEvent.id)).where(
            OutboxEvent.subject == public_id, OutboxEvent.state != OutboxState.SENT
        )
        return MemberBefore(line, session.scalar(of_sessions) or 0, session.scalar(of_news) or 0)


def reveal(database: Database, sealer: Sealer, public_id: str) -> list[Whole] | None:
    """The number and address of one member, whole; None: there is no such member.

    Whoever calls this has written down who looks, at whom and why.
    """
    wanted = (
        sa.select(Identity)
        .join(Member, Member.id == Identity.member_id)
        .where(Member.public_id == public_id, Identity.kind.in_(_REVEALED))
        .order_by(Identity.id)
    )
    with database.reading() as session:
        if session.scalar(sa.select(Member.id).where(Member.public_id == public_id)) is None:
            return None
        found = []
        for row in session.scalars(wanted):
            with contextlib.suppress(SealBrokenError):
                value = sealer.open(identities.VALUE, row.sealed_value).decode()
                found.append(Whole(_KINDS[row.kind], value))
        return found


def _known_by(session: Session, sealer: Sealer, ids: Sequence[int]) -> dict[int, Masked]:
    rows = session.scalars(
        sa.select(Identity).where(Identity.member_id.in_(ids)).order_by(Identity.id)
    ).all()
    found: dict[int, Masked] = {}
    for kind, shown_as in _KINDS.items():
        for row in rows:
            if row.kind is not kind or row.member_id in found:
                continue
            with contextlib.suppress(SealBrokenError):
                value = sealer.open(identities.VALUE, row.sealed_value).decode()
                found[row.member_id] = Masked(shown_as, Account(shown_as, value).masked())
    return found


def _purposes(session: Session, ids: Sequence[int]) -> dict[int, tuple[Purpose, ...]]:
    wanted = sa.select(Consent.member_id, Consent.purpose).where(
        Consent.member_id.in_(ids), Consent.withdrawn_at.is_(None)
    )
    given = defaultdict(set)
    for member_id, purpose in session.execute(wanted):
        given[member_id].add(purpose)
    return {each: tuple(purpose for purpose in Purpose if purpose in given[each]) for each in ids}
