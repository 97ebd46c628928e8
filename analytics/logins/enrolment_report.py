"""New members of a calendar month, by who brought them and by day, with small counts withheld.

Guides and days are two divisions of one total. Their crossing, a guide's members of one day,
is not given out: most of it is small, and row and column sums would tell what is withheld.
"""

import dataclasses
import datetime as dt

import sqlalchemy as sa

from analytics.figures import suppression
from core import clock
from core.database import Database
from core.models.attribution import Source
from core.models.portal_day import EnrolmentDay, PortalDay
from core.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class SourceEnrolments:
    source: Source
    members: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class DayEnrolments:
    day: dt.date
    members: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class EnrolmentReport:
    """None stands for a figure that is withheld."""

    month: dt.date
    """Its first day."""
    members: int | None
    by_source: tuple[SourceEnrolments, ...]
    """All that may have brought somebody; who brought most first, as far as it shows."""
    nobodys: int | None
    """Whom no guide and no poster brought."""
    by_day: tuple[DayEnrolments, ...]
    """Days that were counted, oldest first."""


def find(database: Database, settings: Settings, day: dt.date) -> EnrolmentReport | None:
    """The month of `day`; None if none of its days was counted."""
    month = day.replace(day=1)
    after = (month + dt.timedelta(days=31)).replace(day=1)
    with database.reading() as session:
        days = session.execute(
            sa.select(PortalDay.day, PortalDay.enrolled)
            .where(PortalDay.day >= month, PortalDay.day < after)
            .order_by(PortalDay.day)
        ).all()
        brought = {
            row[0]: row[1]
            for row in session.execute(
                sa.select(EnrolmentDay.source_id, sa.func.sum(EnrolmentDay.members))
                .where(EnrolmentDay.day >= month, EnrolmentDay.day < after)
                .group_by(EnrolmentDay.source_id)
            )
        }
        sources = session.scalars(_sources(settings, month, after)).all()
    if not days:
        return None
    k, total = settings.traffic.suppress_below, sum(row[1] for row in days)
    counts = [brought.get(source.id, 0) for source in sources]
    *by_source, nobodys = suppression.shown_parts([*counts, total - sum(counts)], k)
    lines = [SourceEnrolments(*pair) for pair in zip(sources, by_source, strict=True)]
    by_day = suppression.shown_parts([row[1] for row in days], k)
    return EnrolmentReport(
        month,
        suppression.shown(total, k),
        tuple(sorted(lines, key=lambda line: -(line.members or 0))),
        nobodys,
        tuple(DayEnrolments(row[0], shown) for row, shown in zip(days, by_day, strict=True)),
    )


def _sources(settings: Settings, month: dt.date, after: dt.date) -> sa.Select[Source]:
    """Who could bring somebody in the month, whether they did or not: to be listed tells nothing.

    By the code of a source that has ended, a phone may still enrol that came by it before.
    """
    start, _ = clock.day_bounds(month, settings.store.zone)
    end, _ = clock.day_bounds(after, settings.store.zone)
    still = start - dt.timedelta(days=settings.campaigns.validity_days)
    return (
        sa.select(Source)
        .where(Source.created_at < end, sa.or_(Source.ended_at.is_(None), Source.ended_at >= still))
        .order_by(Source.id)
    )
