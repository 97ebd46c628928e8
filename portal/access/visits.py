"""Makes visits of members' Wi-Fi sessions, and tells the CRM of each once it is over.

Only of members who agreed to visit analytics before the visit began and have not changed their
mind since. A visit goes on while one of their phones is heard of by the gate, which counts its
traffic: who lingers, and when they left, no grant would tell. The sensor has no part in it.
"""

import collections
import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import long_lists
from core.database import Database
from core.events import member_event
from core.long_lists import filled
from core.models.consent import Consent, Purpose
from core.models.grant import Grant
from core.models.member import Member
from core.models.member_visit import MemberVisit
from core.outbox import EventType
from core.sealing import Sealer

# Silence that ends a visit. A phone asleep in a pocket says something every few minutes; and who
# is back within half an hour has only been next door.
GAP = dt.timedelta(minutes=30)
# What was done longer ago is not looked at any more, whatever kept the jobs from it.
REMEMBERED = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    sealer: Sealer
    store_id: str

    def turn(self, database: Database, now: dt.datetime) -> int:
        """Take in what members' phones have done, and close what is over; how many visits."""
        with database.reading() as session:
            heard = _heard(session, now)
            due = _due(session, heard, now)
        closed = 0
        if due:
            with database.writing() as session:
                for some in long_lists.cut(sorted(due)):
                    for member in _held(session, some):
                        closed += self._follow(session, member, heard.get(member.id, ()), now)
        return closed

    def _follow(
        self, session: Session, member: Member, heard: Sequence[dt.datetime], now: dt.datetime
    ) -> int:
        agreed_at = _agreed_at(session, member)
        visit = session.get(MemberVisit, member.id)
        if visit is not None and (agreed_at is None or visit.started_at < agreed_at):
            session.delete(visit)
            session.flush()
            visit = None
        if agreed_at is None:
            return 0
        closed = 0
        for at in heard:
            if at < agreed_at or (visit is not None and at <= visit.last_at):
                continue
            if visit is not None and not visit.is_told and at - visit.last_at <= GAP:
                visit.last_at = at
                continue
            closed += self._close(session, member, visit, now)
            visit = _begun(session, member, visit, at)
        if visit is not None and now - visit.last_at > GAP:
            closed += self._close(session, member, visit, now)
        return closed

    def _close(
        self, session: Session, member: Member, visit: MemberVisit | None, now: dt.datetime
    ) -> int:
        """Tell the CRM of a visit, unless it was told; of how many."""
        if visit is None or visit.is_told:
            return 0
        data = {
            "start": visit.started_at.isoformat(),
            "end": visit.last_at.isoformat(),
            "dwell_s": int((visit.last_at - visit.started_at).total_seconds()),
            "source": "wifi",
        }
        kind, store_id = EventType.VISIT_CLOSED, self.store_id
        member_event.add(session, self.sealer, kind, member, data, store_id=store_id, now=now)
        visit.is_told = True
        return 1


def _begun(
    session: Session, member: Member, before: MemberVisit | None, at: dt.datetime
) -> MemberVisit:
    """A new visit in the place of the one before."""
    visit = before or MemberVisit(member_id=member.id)
    visit.started_at = visit.last_at = at
    visit.is_told = False
    session.add(visit)
    return visit


def _heard(session: Session, now: dt.datetime) -> Mapping[int, Sequence[dt.datetime]]:
    """When phones of members who agree were heard of lately, by member; earliest first."""
    agree = sa.select(Consent.member_id).where(
        Consent.purpose == Purpose.VISIT_ANALYTICS, Consent.withdrawn_at.is_(None)
    )
    since = now - REMEMBERED
    rows = session.execute(
        sa.select(Grant.member_id, Grant.started_at, Grant.last_active_at).where(
            sa.or_(Grant.ended_at.is_(None), Grant.ended_at > since), Grant.member_id.in_(agree)
        )
    )
    heard: dict[int, set[dt.datetime]] = collections.defaultdict(set)
    for member_id, began_at, active_at in rows:
        if member_id is not None:
            moments = {began_at, active_at or began_at}
            heard[member_id] |= {at for at in moments if since < at <= now}
    return {member_id: sorted(moments) for member_id, moments in heard.items() if moments}


def _due(
    session: Session, heard: Mapping[int, Sequence[dt.datetime]], now: dt.datetime
) -> set[int]:
    """Members of whom there is something to write down."""
    agrees = sa.exists().where(
        Consent.member_id == MemberVisit.member_id,
        Consent.purpose == Purpose.VISIT_ANALYTICS,
        Consent.withdrawn_at.is_(None),
    )
    due = {member_id: moments[-1] for member_id, moments in heard.items()}
    gone = set()
    of_visit = (MemberVisit.member_id, MemberVisit.is_told, MemberVisit.last_at)
    for member_id, is_told, last_at, is_agreed in session.execute(sa.select(*of_visit, agrees)):
        latest = due.pop(member_id, None)
        is_over = not is_told and now - last_at > GAP
        if not is_agreed or is_over or (latest is not None and latest > last_at):
            gone.add(member_id)
    return gone | due.keys()


def _held(session: Session, ids: list[int]) -> Sequence[Member]:
    """The members, so that none can withdraw a consent or be erased meanwhile."""
    these = Member.id.in_(filled(ids))
    return session.scalars(
        sa.select(Member).where(these).order_by(Member.id).with_for_update()
    ).all()


def _agreed_at(session: Session, member: Member) -> dt.datetime | None:
    """Since when the member agrees without a break; None if they do not."""
    return session.scalar(
        sa.select(sa.func.min(Consent.given_at, type_=Consent.given_at.type)).where(
            Consent.member_id == member.id,
            Consent.purpose == Purpose.VISIT_ANALYTICS,
            Consent.withdrawn_at.is_(None),
        )
    )
