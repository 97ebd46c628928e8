"""How the reports that go out by mail are getting on. No Flask, no address."""

import dataclasses

import sqlalchemy as sa

from analytics.reports import period as periods
from analytics.reports.period import Period
from core.database import Database
from core.models.report import MailState, ReportMail
from core.setting_groups.reports import ReportKind
from core.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class Mailed:
    kind: ReportKind
    recipients: int
    period: Period | None
    """That the latest mails were about; None: none was sent yet."""
    states: tuple[tuple[MailState, int], ...]
    """How many of those mails are in which state."""


def find(database: Database, settings: Settings) -> list[Mailed]:
    """For each kind of report that somebody is to get."""
    wanted = [
        (kind, sum(kind in each.reports for each in settings.reports.recipients))
        for kind in ReportKind
    ]
    return [_of_kind(database, kind, count) for kind, count in wanted if count]


def _of_kind(database: Database, kind: ReportKind, recipients: int) -> Mailed:
    newest = sa.select(sa.func.max(ReportMail.first)).where(ReportMail.kind == kind)
    with database.reading() as session:
        first = session.scalar(newest)
        if first is None:
            return Mailed(kind, recipients, None, ())
        states = session.execute(
            sa.select(ReportMail.state, sa.func.count())
            .where(ReportMail.kind == kind, ReportMail.first == first)
            .group_by(ReportMail.state)
            .order_by(ReportMail.state)
        )
        counts = tuple((state, count) for state, count in states)
    return Mailed(kind, recipients, periods.of(kind, first), counts)
