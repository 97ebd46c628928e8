"""The days of a range as a CSV file (RFC 4180), with their notes. A withheld value is empty."""

import dataclasses
from collections.abc import Sequence

from analytics.figures import csv_table, day_notes
from analytics.figures.csv_table import Cell
from analytics.figures.period_report import PeriodReport
from analytics.figures.report import DayReport, Estimate
from core.models.day_note import DayNote

_FIGURES = ("visitors", "passers_by", "entry_rate", "dwell_median_s")
_HEADER = (
    "store",
    "day",
    "state",
    *(f"{name}{end}" for name in _FIGURES for end in ("", "_low", "_high")),
    "bounces",
    "notes",
)


def write(whole: PeriodReport, notes: Sequence[DayNote]) -> str:
    """A line for each day, also for those without figures. Low and high of dwell are quartiles."""
    rows = []
    found = {each.day: each for each in whole.days}
    for day in sorted([*found, *whole.days_without_figures]):
        said = " / ".join(note.text for note in day_notes.of_day(notes, day))
        rows.append((whole.store, day, *_figures(found.get(day)), said))
    return csv_table.write(_HEADER, rows)


def _figures(day: DayReport | None) -> list[Cell]:
    if day is None:
        return ["none", *[None] * (3 * len(_FIGURES) + 1)]
    state = "running" if day.closed_at is None else "closed"
    found: list[Estimate] = [getattr(day, name) for name in _FIGURES]
    return [state, *(end for each in found for end in dataclasses.astuple(each)), day.bounces]
