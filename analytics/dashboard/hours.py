"""The hours of one day, drawn. No Flask."""

import datetime as dt
import itertools
import zoneinfo

from analytics.dashboard.chart import Chart, Point, Series
from analytics.dashboard.wording import Wording
from analytics.report import DayReport, Estimate, HourReport
from core import clock

FIGURES = ("visitors", "passers_by")


def charts(
    found: DayReport | None, day: dt.date, zone: zoneinfo.ZoneInfo, say: Wording
) -> dict[str, Chart]:
    """A chart of every figure; hours that have no figures yet are there, and empty."""
    known = {hour.start: hour for hour in found.hours} if found else {}
    _, end = clock.day_bounds(day, zone)
    starts = clock.hour_starts(day, zone)
    labels = [
        f"{say.time(start)}–{say.time(until)}"  # noqa: RUF001 - a range takes this dash
        for start, until in itertools.pairwise([*starts, end])
    ]
    return {
        name: Chart(
            labels=labels,
            series=[
                Series(
                    say.text(f"traffic.{name}"),
                    [_point(known.get(start), name) for start in starts],
                    tone="main" if name == "visitors" else "second",
                )
            ],
            head=say.text("traffic.hour"),
            ticks=[say.time(start) for start in starts],
        )
        for name in FIGURES
    }


def _point(hour: HourReport | None, name: str) -> Point:
    return None if hour is None else Estimate(getattr(hour, name))
