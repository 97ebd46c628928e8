"""A range of days as the history page has it: in rows, drawn, and with its notes. No Flask."""

import bisect
import dataclasses
import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from analytics.dashboard import comparing, stretches
from analytics.dashboard.chart import Chart, Kind, Mark, Series, Unit
from analytics.dashboard.day_range import DayRange
from analytics.dashboard.stretches import Step, Stretch
from analytics.figures import anomalies, period_report
from analytics.figures import report as reports
from analytics.figures.period_report import PeriodReport
from analytics.figures.report import DayReport, Estimate
from analytics.wording import Wording
from core.database import Database
from core.models.day_note import DayNote
from core.models.traffic import TrafficDay
from core.settings import Settings

_DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Figures:
    """Of a day; of a week or a month the counts of the average day."""

    visitors: Estimate
    passers_by: Estimate
    entry_rate: Estimate
    dwell: Estimate
    bounce_rate: Estimate
    """Without an interval."""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A day, week or month of the range."""

    stretch: Stretch
    said: str
    tick: str
    """The same, as short as an axis needs it."""
    figures: Figures | None
    """None: no day of it has any."""
    notes: Sequence[DayNote]


def days(database: Database, settings: Settings, asked: DayRange) -> list[DayReport]:
    """The days of a range, of what it is compared with, and before it, each read once."""
    spans = [
        (anomalies.earliest(asked.first), asked.last),
        *comparing.sides(asked.first, asked.last).values(),
    ]
    wanted = {
        first + number * _DAY for first, last in spans for number in range((last - first).days + 1)
    }
    return [
        each
        for part in stretches.rows(wanted)
        for each in reports.recent(database, settings, part.last, part.days)
    ]


def a_day(report: PeriodReport, name: str) -> Estimate:
    """A count of the average day, over the days that show it."""
    total: Estimate = getattr(report, name)
    days = sum(getattr(day, name).value is not None for day in report.days)
    if total.value is None or not days:
        return Estimate()
    return Estimate(*(None if end is None else end / days for end in dataclasses.astuple(total)))


def rows(
    whole: PeriodReport, step: Step, notes: Sequence[DayNote], settings: Settings, say: Wording
) -> list[Row]:
    """The range in order, every part of it, whether it has figures or not."""
    found = []
    days = [each.day for each in whole.days]
    for part in stretches.cut(DayRange(whole.first, whole.last), step):
        within = whole.days[bisect.bisect_left(days, part.first) : bisect.bisect(days, part.last)]
        noted = [note for note in notes if note.first <= part.last and note.last >= part.first]
        figures = _figures(part, step, within, settings) if within else None
        found.append(Row(part, part.said(say, step), part.tick(say, step), figures, noted))
    return found


def _figures(part: Stretch, step: Step, days: Sequence[DayReport], settings: Settings) -> Figures:
    report = period_report.of_days(settings, part.first, part.last, days)
    # A day that runs knows better what it may still withhold.
    one = days[0] if step is Step.DAY else None
    return Figures(
        visitors=one.visitors if one else a_day(report, "visitors"),
        passers_by=one.passers_by if one else a_day(report, "passers_by"),
        entry_rate=report.entry_rate,
        dwell=report.dwell_median_s,
        bounce_rate=Estimate(report.bounce_rate),
    )


def first_day(database: Database) -> dt.date | None:
    """The earliest day that has figures."""
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.min(TrafficDay.day)))


def charts(found: Sequence[Row], say: Wording) -> dict[str, Chart]:
    """What is drawn: visitors, passers-by, and the rate of the two."""
    marks = _marks(found)
    return {
        name: Chart(
            labels=[row.said for row in found],
            series=[
                Series(
                    say.text(f"traffic.{name}"),
                    [getattr(row.figures, name) if row.figures else None for row in found],
                    tone="second" if name == "passers_by" else "main",
                )
            ],
            head=say.text("history.when"),
            kind=Kind.LINES,
            unit=Unit.PERCENT if name == "entry_rate" else Unit.NUMBER,
            marks=marks,
            ticks=[row.tick for row in found],
        )
        for name in ("visitors", "passers_by", "entry_rate")
    }


def _marks(found: Sequence[Row]) -> list[Mark]:
    """Each note where it begins, or where the range does if that is later."""
    marks = []
    marked: set[int] = set()
    for number, row in enumerate(found):
        fresh = [note for note in row.notes if note.id not in marked]
        marked |= {note.id for note in fresh}
        if fresh:
            marks.append(Mark(number, " · ".join(note.text for note in fresh)))
    return marks
