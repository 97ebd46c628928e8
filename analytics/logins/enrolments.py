"""How many members a day brought, and by which guide or poster."""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock
from core.models.attribution import MemberSource
from core.models.member import Member


@dataclasses.dataclass(frozen=True, slots=True)
class Enrolments:
    members: int
    by_source: Mapping[int, int]
    """By id; a source that brought nobody is not in it."""


def on(session: Session, day: dt.date, zone: zoneinfo.ZoneInfo) -> Enrolments:
    """Of those who enrolled on `day` and still are members."""
    start, end = clock.day_bounds(day, zone)
    of_day = (Member.enrolled_at >= start, Member.enrolled_at < end)
    members = session.scalar(sa.select(sa.func.count(Member.id)).where(*of_day)) or 0
    rows = session.execute(
        sa.select(MemberSource.source_id, sa.func.count())
        .join(Member, Member.id == MemberSource.member_id)
        # By a later visit's code nobody has enrolled.
        .where(*of_day, MemberSource.since < end)
        .group_by(MemberSource.source_id)
    )
    return Enrolments(members, {row[0]: row[1] for row in rows})
