"""Which of a day's members have been here before: of those who agreed to visit analytics.

A member was here on each store-local day on which a session of theirs began, from the day of
their consent on. Sessions of before are not looked at.
"""

import collections
import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock
from core.models.consent import Consent, Purpose
from core.models.grant import Grant
from core.models.member import Member

WINDOWS = (7, 30, 90)
_AT_ONCE = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Returning:
    """A day's members, each counted once: the parts of all who agreed and came."""

    first_visit: int = 0
    """Enrolled on the day itself."""
    back_7: int = 0
    """Here before, the last time 1 to 7 days ago."""
    back_30: int = 0
    """8 to 30 days ago."""
    back_90: int = 0
    """31 to 90 days ago."""
    back_later: int = 0
    """Longer ago, or on days that their consent does not cover."""


def on(session: Session, day: dt.date, zone: zoneinfo.ZoneInfo) -> Returning:
    """The members of `day`, as far as it has come."""
    start, end = clock.day_bounds(day, zone)
    # Of 90 days: not all of them at once.
    rows = session.execute(
        _sessions(day, zone, start, end), execution_options={"yield_per": _AT_ONCE}
    )
    enrolled: dict[int, dt.date] = {}
    days: dict[int, set[dt.date]] = collections.defaultdict(set)
    for member, enrolled_at, agreed_at, started_at in rows:
        at = clock.store_day(started_at, zone)
        if at >= clock.store_day(agreed_at, zone):
            enrolled[member] = clock.store_day(enrolled_at, zone)
            days[member].add(at)
    return Returning(**collections.Counter(part(enrolled[each], days[each], day) for each in days))


def part(enrolled: dt.date, days: Iterable[dt.date], day: dt.date) -> str:
    """Which figure of `Returning` a member counts for, who was here on `days`."""
    if enrolled == day:
        return "first_visit"
    last = min(((day - each).days for each in days if each < day), default=None)
    within = (most for most in WINDOWS if last is not None and last <= most)
    return f"back_{next(within, 'later')}"


def _sessions(
    day: dt.date, zone: zoneinfo.ZoneInfo, start: dt.datetime, end: dt.datetime
) -> sa.Select[int, dt.datetime, dt.datetime, dt.datetime]:
    """Of each member of the day who agrees: the sessions of that day and of the 90 before."""
    earliest, _ = clock.day_bounds(day - dt.timedelta(days=max(WINDOWS)), zone)
    agreed = (
        sa.select(Consent.member_id, sa.func.min(Consent.given_at).label("given_at"))
        .where(
            Consent.purpose == Purpose.VISIT_ANALYTICS,
            Consent.given_at < end,
            sa.or_(Consent.withdrawn_at.is_(None), Consent.withdrawn_at >= end),
        )
        .group_by(Consent.member_id)
        .subquery()
    )
    here = sa.select(Grant.member_id).where(Grant.started_at >= start, Grant.started_at < end)
    return (
        sa.select(Member.id, Member.enrolled_at, agreed.c.given_at, Grant.started_at)
        .join(agreed, agreed.c.member_id == Member.id)
        .join(Grant, Grant.member_id == Member.id)
        .where(Member.id.in_(here), Grant.started_at >= earliest, Grant.started_at < end)
    )
