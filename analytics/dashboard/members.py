"""The member list, one page at a time: newest first, telephone numbers masked. No Flask."""

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.database import Database
from core.models import identity as identities
from core.models.consent import Consent, Purpose
from core.models.grant import Grant
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.phone_number import PhoneNumber
from core.sealing import SealBrokenError, Sealer

PAGE_LENGTH = 50


@dataclasses.dataclass(frozen=True, slots=True)
class MemberLine:
    public_id: str
    masked_phone: str | None
    """None if the sealed number does not open: the secrets file is another one."""
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
        phones, purposes = _masked_phones(session, sealer, ids), _purposes(session, ids)
    lines = tuple(
        MemberLine(member.public_id, phones.get(member.id), purposes[member.id], member.enrolled_at)
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
            _masked_phones(session, sealer, [member.id]).get(member.id),
            _purposes(session, [member.id])[member.id],
            member.enrolled_at,
        )
        of_sessions = sa.select(sa.func.count(Grant.id)).where(Grant.member_id == member.id)
        of_news = sa.select(sa.func.count(OutboxEvent.id)).where(
            OutboxEvent.subject == public_id, OutboxEvent.state != OutboxState.SENT
        )
        return MemberBefore(line, session.scalar(of_sessions) or 0, session.scalar(of_news) or 0)


def _masked_phones(session: Session, sealer: Sealer, ids: Sequence[int]) -> dict[int, str]:
    wanted = sa.select(Identity.member_id, Identity.sealed_value).where(
        Identity.member_id.in_(ids), Identity.kind == IdentityKind.PHONE
    )
    masked = {}
    for member_id, sealed in session.execute(wanted):
        try:
            number = PhoneNumber.from_e164(sealer.open(identities.VALUE, sealed).decode())
        except SealBrokenError:
            continue
        masked[member_id] = number.masked()
    return masked


def _purposes(session: Session, ids: Sequence[int]) -> dict[int, tuple[Purpose, ...]]:
    wanted = sa.select(Consent.member_id, Consent.purpose).where(
        Consent.member_id.in_(ids), Consent.withdrawn_at.is_(None)
    )
    given = defaultdict(set)
    for member_id, purpose in session.execute(wanted):
        given[member_id].add(purpose)
    return {each: tuple(purpose for purpose in Purpose if purpose in given[each]) for each in ids}
