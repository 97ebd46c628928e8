"""The traffic of a day: figures, hours, dwell, the days before, and all of it as CSV."""

import datetime as dt

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from analytics.dashboard import chart, download, hours, language
from analytics.dashboard.parts import wired
from analytics.figures import day_notes, presence_report, report
from analytics.figures.report import DayReport

pages = Blueprint("traffic", __name__)

REFRESH_S = 20
RECENT_DAYS = 14


@pages.get("/traffic")
def page() -> ResponseReturnValue:
    parts = wired()
    today = parts.settings.today(parts.clock())
    day = _asked_day(today)
    found = report.find(parts.database, parts.settings, day)
    recent = report.recent(parts.database, parts.settings, day, RECENT_DAYS)
    return render_template(
        "traffic.html",
        day=day,
        today=today,
        before=day - dt.timedelta(days=1),
        after=day + dt.timedelta(days=1) if day < today else None,
        refresh_s=REFRESH_S if day == today else None,
        report=found,
        hours=hours.charts(found, day, parts.settings.store.zone, language.wording()),
        dwell_lengths=chart.shares(list(found.dwell_visits.values())) if found else [],
        notes=day_notes.find(parts.database, day, day),
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
    return download.of(found.to_csv(), name)


def _asked_day(today: dt.date) -> dt.date:
    """The day in the query, today without one; no page for what is no day or not yet."""
    try:
        day = dt.date.fromisoformat(request.args.get("day", today.isoformat()))
    except ValueError:
        abort(404)
    if day > today or day.year <= dt.MINYEAR:
        abort(404)
    return day


def _recent_lengths(recent: list[DayReport]) -> dict[dt.date, float]:
    values = [each.visitors.value for each in recent]
    return dict(zip((each.day for each in recent), chart.shares(values), strict=True))
