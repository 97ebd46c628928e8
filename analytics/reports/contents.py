"""Gathers what a report is made of. Every figure here has passed suppression.

It reads no figure from a row itself: it asks `analytics.period_report` and its like, as the
dashboard does.
"""

import dataclasses
import datetime as dt
import math
from collections.abc import Iterator, Sequence

from analytics import (
    anomalies,
    calibration,
    calibration_report,
    comparison,
    day_notes,
    enrolment_report,
    period_report,
    portal_report,
    presence_report,
    weekday_hours,
)
from analytics import report as reports
from analytics.anomalies import Anomaly, Kind
from analytics.comparison import Comparison
from analytics.enrolment_report import EnrolmentReport
from analytics.period_report import PeriodReport
from analytics.portal_report import PortalSpan
from analytics.presence_report import PresenceLine
from analytics.report import DayReport, Estimate
from analytics.reports.period import Period
from analytics.weekday_hours import WeekdayHours
from core import clock
from core.database import Database
from core.models.day_note import DayNote, NoteKind
from core.setting_groups.reports import ReportKind
from core.settings import Settings

_WEEK = 7
_DAY = dt.timedelta(days=1)
# Of a single day: so many weeks before it say what is usual.
_USUAL_WEEKS = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Contents:
    period: Period
    settings: Settings
    traffic: PeriodReport
    before: Comparison
    """With as many weeks right before."""
    people: "People | None"
    """None: nobody has counted people lately enough to tell."""
    year_before: Comparison | None
    """None if the period is longer than a year."""
    usual: tuple[DayReport, ...]
    """Of a single day: the same weekday of the four weeks before, as far as it is like others."""
    day: DayReport | None
    """With its hours, if the period is one day that has figures."""
    weekday_hours: WeekdayHours | None
    """Of a longer period."""
    presence: tuple[PresenceLine, ...]
    """Of a day in strict mode."""
    portal: PortalSpan | None
    """None: not for whom this report is."""
    enrolled: EnrolmentReport | None
    """Of a calendar month."""
    notes: tuple[DayNote, ...]
    anomalies: tuple[Anomaly, ...]
    """But days without figures on which the store was shut."""

    @property
    def silent_days(self) -> tuple[dt.date, ...]:
        """On which nothing was counted, though neither hours nor a note say it was shut."""
        return tuple(each.first for each in self.anomalies if each.kind is Kind.NOTHING_COUNTED)

    @property
    def weeks(self) -> int:
        """How far back lies what `before` compares with."""
        return math.ceil(self.period.days / _WEEK)


@dataclasses.dataclass(frozen=True, slots=True)
class People:
    """Calibrated, from the figures of devices that stand beside it."""

    visitors: Estimate
    passers_by: Estimate


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
        people=_people(database, settings, traffic, now),
        before=_compare(database, settings, period, first - weeks * _WEEK * _DAY),
        year_before=_compare(database, settings, period, year_before)
        if year_before + (last - first) < first
        else None,
        usual=_usual(database, settings, first) if is_day else (),
        day=reports.find(database, settings, first) if is_day else None,
        weekday_hours=None if is_day else weekday_hours.find(database, settings, first, last),
        presence=tuple(presence_report.find(database, settings, first) if is_day else ()),
        portal=portal_report.find(database, settings, last, period.days) if with_logins else None,
        enrolled=enrolment_report.find(database, settings, last) if has_enrolments else None,
        notes=notes,
        anomalies=tuple(_anomalies(database, settings, period, notes, now)),
    )


def _compare(
    database: Database, settings: Settings, period: Period, with_first: dt.date
) -> Comparison:
    notes = day_notes.find(database, with_first, period.last)
    odd = day_notes.incomparable(notes, period.first, period.last, with_first)
    first, last = period.first, period.last
    return comparison.compare(database, settings, first, last, with_first, without=odd)


def _anomalies(
    database: Database,
    settings: Settings,
    period: Period,
    notes: Sequence[DayNote],
    now: dt.datetime,
) -> Iterator[Anomaly]:
    today = clock.store_day(now, settings.store.zone)
    for each in anomalies.find(database, settings, period.first, period.last, today=today):
        if each.kind is not Kind.NOTHING_COUNTED:
            yield each
            continue
        for number in range((each.last - each.first).days + 1):
            day = each.first + number * _DAY
            if not _is_shut(settings, notes, day):
                yield dataclasses.replace(each, first=day, last=day)


def _is_shut(settings: Settings, notes: Sequence[DayNote], day: dt.date) -> bool:
    """As far as opening hours or a note say so."""
    store = settings.store
    noted = any(note.kind is NoteKind.CLOSED for note in day_notes.of_day(notes, day))
    return noted or (store.hours is not None and not store.hours.on(day, store.zone))


def _people(
    database: Database, settings: Settings, traffic: PeriodReport, now: dt.datetime
) -> People | None:
    """Of days about as old as the count, with the sensor where it was when people were counted."""
    found = calibration_report.find(database, settings, now)
    if found.newest_at is None or not found.is_fresh:
        return None
    counted = clock.store_day(found.newest_at, settings.store.zone)
    if traffic.first < counted - calibration_report.FRESH:
        return None
    notes = day_notes.find(database, min(traffic.first, counted), max(traffic.last, counted))
    if any(note.kind is NoteKind.SENSOR_MOVED for note in notes):
        return None
    return People(
        calibration.people(traffic.visitors, found.visitors_in_force),
        calibration.people(traffic.passers_by, found.passers_by_in_force),
    )


def _usual(database: Database, settings: Settings, day: dt.date) -> tuple[DayReport, ...]:
    first = day - _USUAL_WEEKS * _WEEK * _DAY
    notes = day_notes.find(database, first, day)
    before = period_report.find(database, settings, first, day - _DAY)
    return tuple(
        each
        for each in before.days
        if each.day.weekday() == day.weekday()
        and not day_notes.incomparable(notes, day, day, each.day)
    )
