"""New members by guide and poster over whole months: sums of what each month shows. No Flask.

Of other days there are no such sums: from those of two ranges that differ by a day, one could
work out what a guide brought on it.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable

from analytics.logins import enrolment_report
from analytics.logins.enrolment_report import EnrolmentReport
from analytics.logins.portal_report import Sum
from core.database import Database
from core.models.attribution import Source
from core.settings import Settings

_MOST_MONTHS = 12


@dataclasses.dataclass(frozen=True, slots=True)
class GuideLine:
    source: Source
    members: Sum


@dataclasses.dataclass(frozen=True, slots=True)
class GuideReport:
    first: dt.date
    """The first day of the first month; and of the last one."""
    last: dt.date
    months: int
    """That were counted."""
    lines: tuple[GuideLine, ...]
    nobodys: Sum


def find(
    database: Database, settings: Settings, first: dt.date, last: dt.date
) -> GuideReport | None:
    """The months that these days touch, the last twelve at most; None if nothing was counted."""
    months = _months(first, last)
    found = [enrolment_report.find(database, settings, month) for month in months]
    reports = [report for report in found if report is not None]
    if not reports:
        return None
    sources = {line.source.id: line.source for each in reports for line in each.by_source}
    lines = [
        GuideLine(source, _sum(_brought(each, source.id) for each in reports))
        for source in sources.values()
    ]
    lines.sort(key=lambda line: -(line.members.value or 0))
    nobodys = _sum(each.nobodys for each in reports)
    return GuideReport(months[0], months[-1], len(reports), tuple(lines), nobodys)


def _months(first: dt.date, last: dt.date) -> list[dt.date]:
    """The first days of the months, oldest first."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [dt.date(number // 12, number % 12 + 1, 1) for number in numbers][-_MOST_MONTHS:]


def _brought(report: EnrolmentReport, source: int) -> int | None:
    return next((line.members for line in report.by_source if line.source.id == source), None)


def _sum(values: Iterable[int | None]) -> Sum:
    shown = [value for value in values if value is not None]
    return Sum(sum(shown) if shown else None, len(shown))
