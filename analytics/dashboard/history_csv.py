"""The days of a range as a CSV file (RFC 4180), with their notes. A withheld value is empty."""

import csv
import dataclasses
import io
from collections.abc import Sequence

from analytics import day_notes
from analytics.period_report import PeriodReport
from analytics.report import DayReport, Estimate
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
# A spreadsheet would take what follows for a formula.
_FORMULA = ("=", "+", "-", "@")


def write(whole: PeriodReport, notes: Sequence[DayNote]) -> str:
    """A line for each day, also for those without figures. Low and high of dwell are quartiles."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADER)
    found = {each.day: each for each in whole.days}
    for day in sorted([*found, *whole.days_without_figures]):
        said = " / ".join(note.text for note in day_notes.of_day(notes, day))
        noted = f"'{said}" if said.startswith(_FORMULA) else said
        writer.writerow([whole.store, day.isoformat(), *_figures(found.get(day)), noted])
    return text.getvalue()


def _figures(day: DayReport | None) -> list[object]:
    if day is None:
        return ["none", *[""] * (3 * len(_FIGURES) + 1)]
    state = "running" if day.closed_at is None else "closed"
    found: list[Estimate] = [getattr(day, name) for name in _FIGURES]
    ends = [end for each in found for end in dataclasses.astuple(each)]
    return [state, *("" if end is None else end for end in (*ends, day.bounces))]
