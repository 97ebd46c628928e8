"""The hours of one day, drawn. No Flask."""

import dataclasses
import datetime as dt
import itertools
import zoneinfo

from analytics.dashboard.chart import Chart, Point, Series
from analytics.figures.report import DayReport, HourReport
from analytics.wording import Wording
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


def beside(
    found: DayReport | None,
    other: DayReport | None,
    day: dt.date,
    zone: zoneinfo.ZoneInfo,
    say: Wording,
) -> dict[str, Chart]:
    """The same, each with the hours of a week ago, from the first hour that has figures on."""
    made = charts(found, day, zone, say)
    if other is None:
        return {name: _trimmed(chart) for name, chart in made.items()}
    before = charts(other, other.day, zone, say)
    return {name: _trimmed(_with(chart, before[name], say)) for name, chart in made.items()}


def _with(chart: Chart, other: Chart, say: Wording) -> Chart:
    """Hour beside hour of the same name, for days may differ in length by one."""
    (mine,), (theirs,) = chart.series, other.series
    points = dict(zip(other.labels, theirs.points, strict=True))
    return dataclasses.replace(
        chart,
        series=[
            dataclasses.replace(mine, name=say.text("today.today"), tone="main"),
            Series(
                say.text("today.a_week_ago"),
                [points.get(label) for label in chart.labels],
                tone="second",
            ),
        ],
    )


def _trimmed(chart: Chart) -> Chart:
    """Without the hours at both ends of which there is no figure to be seen."""
    some = [
        number
        for number in range(len(chart.labels))
        if any((point := each.points[number]) and point.value for each in chart.series)
    ]
    if not some:
        return chart
    kept = slice(some[0], some[-1] + 1)
    return dataclasses.replace(
        chart,
        labels=chart.labels[kept],
        ticks=chart.ticks[kept],
        series=[dataclasses.replace(each, points=each.points[kept]) for each in chart.series],
    )


def _point(hour: HourReport | None, name: str) -> Point:
    if hour is None or hour.heard_s == 0:
        # Nobody listened, which is not the same as nobody there.
        return None
    return hour.estimated_visitors if name == "visitors" else hour.estimated_passers_by
