"""Gathers what a report is made of. Every figure here has passed suppression.

It reads no figure from a row itself: it asks `analytics.figures.period_report` and its like, as the
dashboard does.
"""

import dataclasses
import datetime as dt
import math

from analytics.calibration import people
from analytics.calibration.people import People
from analytics.figures import (
    anomalies,
    comparison,
    day_notes,
    open_hours,
    period_report,
    presence_report,
    weekday_hours,
)
from analytics.figures import report as reports
from analytics.figures.anomalies import Anomaly, Kind
from analytics.figures.comparison import Changes, Comparison
from analytics.figures.open_hours import OpenHours
from analytics.figures.period_report import PeriodReport
from analytics.figures.presence_report import PresenceLine
from analytics.figures.report import DayReport
from analytics.figures.weekday_hours import WeekdayHours
from analytics.logins import enrolment_report, portal_report
from analytics.logins.enrolment_report import EnrolmentReport
from analytics.logins.portal_report import PortalSpan
from analytics.reports.period import Period
from core.database import Database
from core.models.day_note import DayNote
from core.setting_groups.reports import ReportKind
from core.settings import Settings

_WEEK = 7
_DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Contents:
    period: Period
    settings: Settings
    traffic: PeriodReport
    before: Comparison
    """With as many weeks right before."""
    people: People
    """Estimate(): nobody has counted people lately enough to tell."""
    year_before: Comparison | None
    """None if the period is longer than a year."""
    usual: Changes | None
    """Of a single day: beside what is usual on its weekday."""
    day: DayReport | None
    """With its hours, if the period is one day that has figures."""
    weekday_hours: WeekdayHours | None
    """Of a longer period."""
    open_hours: OpenHours | None
    """None: it is not known when the store is open."""
    presence: tuple[PresenceLine, ...]
    """Of a day in strict mode."""
    portal: PortalSpan | None
    """None: not for whom this report is."""
    enrolled: EnrolmentReport | None
    """Of a calendar month."""
    notes: tuple[DayNote, ...]
    anomalies: tuple[Anomaly, ...]

    @property
    def silent_days(self) -> tuple[dt.date, ...]:
        """On which nothing was counted, though the store was not shut, as far as is known."""
        return tuple(
            each.first + number * _DAY
            for each in self.anomalies
            if each.kind is Kind.NOTHING_COUNTED
            for number in range((each.last - each.first).days + 1)
        )

    @property
    def weeks(self) -> int:
        """How far back lies what `before` compares with."""
        return math.ceil(self.period.days / _WEEK)


def find(
    database: Database,
    settings: Settings,
    period: Period,
    now: dt.datetime,
    *,
    with_logins: bool = True,
) -> Contents:
    first, last = period.first, period.last
    is_day = period.days == 1
    has_enrolments = with_logins and period.kind is ReportKind.MONTH
    weeks = math.ceil(period.days / _WEEK)
    year_before = period_report.year_before(first)
    traffic = period_report.find(database, settings, first, last)
    notes = tuple(day_notes.find(database, first, last))
    return Contents(
        period=period,
        settings=settings,
        traffic=traffic,
        people=people.of_range(database, settings, traffic, now),
        before=comparison.beside(database, settings, traffic, first - weeks * _WEEK * _DAY),
        year_before=comparison.beside(database, settings, traffic, year_before)
        if year_before + (last - first) < first
        else None,
        usual=comparison.with_usual(database, settings, first) if is_day else None,
        day=reports.find(database, settings, first) if is_day else None,
        weekday_hours=None if is_day else weekday_hours.find(database, settings, first, last),
        open_hours=open_hours.find(database, settings, first, last),
        presence=tuple(presence_report.find(database, settings, first) if is_day else ()),
        portal=portal_report.find(database, settings, last, period.days) if with_logins else None,
        enrolled=enrolment_report.find(database, settings, last) if has_enrolments else None,
        notes=notes,
        anomalies=anomalies.find(database, settings, first, last, today=settings.today(now)),
    )
