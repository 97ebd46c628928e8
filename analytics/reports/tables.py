"""The figures behind a report as tables, for spreadsheets and programs.

Each cell has passed suppression. Where a figure is withheld the cell is None, and the last
column of its row names it; names of columns are the same in every language and version.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from analytics.figures import hourly_reports, period_report
from analytics.figures.csv_table import Cell
from analytics.figures.period_report import PeriodReport
from analytics.figures.report import DayReport, Estimate
from analytics.logins import enrolment_report, portal_report
from analytics.logins.portal_report import PARTS, STEPS, PortalSpan
from analytics.reports import period as periods
from analytics.reports.period import Period
from core.database import Database
from core.models.traffic import DWELL_BUCKETS
from core.setting_groups.reports import ReportKind
from core.settings import Settings

WITHHELD = "withheld"
MOST_DAYS_OF_HOURS = 92
"""In one file with all the rest. By itself, the table of hours is made of any period."""

_COUNTS = ("visitors", "passers_by")
_ESTIMATES = ("visitors", "passers_by", "entry_rate")
_ENDS = ("", "_low", "_high")
_DWELL = ("dwell_median_s", "dwell_q1_s", "dwell_q3_s")
_DAY_COLUMNS = (
    "day",
    *(name + end for name in _ESTIMATES for end in _ENDS),
    *_DWELL,
    *DWELL_BUCKETS,
    "bounces",
    "closed",
    WITHHELD,
)
_HOUR_COLUMNS = (
    "day",
    "start",
    *(name + end for name in _COUNTS for end in _ENDS),
    "inside_mean",
    "heard_s",
    WITHHELD,
)


@dataclasses.dataclass(frozen=True, slots=True)
class DataTable:
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


NAMES = ("summary", "days", "hours", "funnel", "enrolments")
"""In the order of interest."""
OF_LOGINS = frozenset({"funnel", "enrolments"})


def find(name: str, database: Database, settings: Settings, period: Period) -> DataTable:
    """One of the tables, by its name in NAMES; perhaps without rows."""
    first, last = period.first, period.last
    match name:
        case "enrolments":
            return _enrolments(database, settings, period)
        case "funnel":
            return _portal(portal_report.find(database, settings, last, period.days))
    traffic = period_report.find(database, settings, first, last)
    match name:
        case "summary":
            return _summary(traffic)
        case "days":
            return DataTable(name, _DAY_COLUMNS, tuple(_day(each) for each in traffic.days))
        case "hours":
            days = hourly_reports.find(database, settings, first, last)
            rows = tuple(row for each in days for row in _hours(each))
            return DataTable(name, _HOUR_COLUMNS, rows)
    raise ValueError(f"there is no table {name}")


def find_all(
    database: Database, settings: Settings, period: Period, *, with_logins: bool = True
) -> list[DataTable]:
    """All of them; hours only if the period is short enough to read them."""
    left_out = set() if with_logins else set(OF_LOGINS)
    if period.days > MOST_DAYS_OF_HOURS:
        left_out.add("hours")
    return [find(name, database, settings, period) for name in NAMES if name not in left_out]


def _summary(traffic: PeriodReport) -> DataTable:
    figures: dict[str, Estimate] = {
        "visitors": traffic.visitors,
        "passers_by": traffic.passers_by,
        "entry_rate": traffic.entry_rate,
        "dwell_median_s": traffic.dwell_median_s,
        **{name: Estimate(count) for name, count in traffic.dwell_visits.items()},
        "days_with_figures": Estimate(len(traffic.days)),
        "days_withheld": Estimate(len(traffic.days_withheld)),
    }
    rows = tuple(
        (name, each.value, each.low, each.high, WITHHELD if each.value is None else "")
        for name, each in figures.items()
    )
    return DataTable("summary", ("figure", "value", "low", "high", WITHHELD), rows)


def _day(day: DayReport) -> tuple[Cell, ...]:
    cells: dict[str, Cell] = {}
    for name in _ESTIMATES:
        estimate: Estimate = getattr(day, name)
        ends = (estimate.value, estimate.low, estimate.high)
        cells |= dict(zip((name + end for end in _ENDS), ends, strict=True))
    dwell = day.dwell_median_s
    cells |= dict(zip(_DWELL, (dwell.value, dwell.low, dwell.high), strict=True))
    cells |= day.dwell_visits
    cells["bounces"] = day.bounces
    # The ends of an interval go with its figure.
    named = [*_ESTIMATES, "dwell_median_s", *DWELL_BUCKETS, "bounces"]
    closed = "yes" if day.closed_at else "no"
    return (day.day, *cells.values(), closed, _withheld(cells, named))


def _hours(day: DayReport) -> Iterator[tuple[Cell, ...]]:
    for hour in day.hours:
        cells: dict[str, Cell] = {}
        for name, each in (
            ("visitors", hour.estimated_visitors),
            ("passers_by", hour.estimated_passers_by),
        ):
            cells |= dict(
                zip((name + end for end in _ENDS), (each.value, each.low, each.high), strict=True)
            )
        cells |= {"inside_mean": hour.inside_mean, "heard_s": hour.heard_s}
        yield day.day, hour.start, *cells.values(), _withheld(cells, _COUNTS)


def _portal(portal: PortalSpan) -> DataTable:
    members = tuple(f"members_{name}" for name in PARTS)
    rows = []
    for report in portal.days:
        cells: dict[str, Cell] = {name: report.steps[name] for name in STEPS}
        cells |= {f"members_{name}": report.members[name] for name in PARTS}
        rows.append((report.day, *cells.values(), _withheld(cells, cells)))
    return DataTable("funnel", ("day", *STEPS, *members, WITHHELD), tuple(rows))


def _enrolments(database: Database, settings: Settings, period: Period) -> DataTable:
    """Of the calendar months that lie in the period as a whole."""
    rows: list[tuple[Cell, ...]] = []
    for month in periods.months(period):
        if month.kind is not ReportKind.MONTH:
            continue
        found = enrolment_report.find(database, settings, month.last)
        if found is None:
            continue
        lines = [
            (line.source.kind.value, line.source.name, line.members) for line in found.by_source
        ]
        lines += [("nobody", "", found.nobodys), ("all", "", found.members)]
        rows += [
            (f"{month.first:%Y-%m}", kind, name, count, "members" if count is None else "")
            for kind, name, count in lines
        ]
    columns = ("month", "brought_by", "name", "members", WITHHELD)
    return DataTable("enrolments", columns, tuple(rows))


def _withheld(cells: Mapping[str, Cell], names: Iterable[str]) -> str:
    return " ".join(name for name in names if cells[name] is None)
