"""The traffic of a day: figures, hours, dwell, the days before, and all of it as CSV."""

import dataclasses
import datetime as dt
import itertools

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from analytics import presence_report, report
from analytics.dashboard import chart
from analytics.dashboard.parts import wired
from analytics.report import DayReport
from core import clock

pages = Blueprint("traffic", __name__)

REFRESH_S = 20
RECENT_DAYS = 14

_CHART_HEIGHT = 150


@dataclasses.dataclass(frozen=True, slots=True)
class HourLine:
    """One hour of the page's charts and table."""

    start: dt.datetime
    end: dt.datetime
    has_begun: bool
    passers_by: int | None
    visitors: int | None


@pages.get("/")
def page() -> ResponseReturnValue:
    parts = wired()
    today = parts.settings.today(parts.clock())
    day = _asked_day(today)
    found = report.find(parts.database, parts.settings, day)
    hours = _hours(found, day)
    recent = report.recent(parts.database, parts.settings, day, RECENT_DAYS)
    return render_template(
        "traffic.html",
        day=day,
        today=today,
        before=day - dt.timedelta(days=1),
        after=day + dt.timedelta(days=1) if day < today else None,
        refresh_s=REFRESH_S if day == today else None,
        report=found,
        hours=hours,
        visitors_chart=chart.columns([hour.visitors for hour in hours], _CHART_HEIGHT),
        passers_by_chart=chart.columns([hour.passers_by for hour in hours], _CHART_HEIGHT),
        dwell_lengths=chart.shares(list(found.dwell_visits.values())) if found else [],
        recent=recent,
        recent_days=RECENT_DAYS,
        recent_lengths=_recent_lengths(recent),
        presence=presence_report.find(parts.database, parts.settings, day),
        is_strict=parts.settings.sensor.strict,
        k=parts.settings.traffic.suppress_below,
    )


@pages.get("/traffic.csv")
def csv() -> ResponseReturnValue:
    parts = wired()
    day = _asked_day(parts.settings.today(parts.clock()))
    found = report.find(parts.database, parts.settings, day)
    if found is None:
        abort(404)
    name = f"traffic-{found.store}-{day.isoformat()}.csv"
    return Response(
        found.to_csv(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _asked_day(today: dt.date) -> dt.date:
    """The day in the query, today without one; no page for what is no day or not yet."""
    try:
        day = dt.date.fromisoformat(request.args.get("day", today.isoformat()))
    except ValueError:
        abort(404)
    if day > today or day.year <= dt.MINYEAR:
        abort(404)
    return day


def _hours(found: DayReport | None, day: dt.date) -> list[HourLine]:
    """A line for each hour of the day, also for those that have no figures yet."""
    zone = wired().settings.store.zone
    known = {hour.start: hour for hour in found.hours} if found else {}
    _, day_end = clock.day_bounds(day, zone)
    starts = clock.hour_starts(day, zone)
    lines = []
    for start, end in itertools.pairwise([*starts, day_end]):
        hour = known.get(start)
        passers_by, visitors = (hour.passers_by, hour.visitors) if hour else (None, None)
        lines.append(
            HourLine(
                start.astimezone(zone), end.astimezone(zone), hour is not None, passers_by, visitors
            )
        )
    return lines


def _recent_lengths(recent: list[DayReport]) -> dict[dt.date, float]:
    values = [each.visitors.value for each in recent]
    return dict(zip((each.day for each in recent), chart.shares(values), strict=True))
