"""A range of days: its figures, compared with those before, with notes, and as CSV."""

import datetime as dt

from flask import Blueprint, abort, g, render_template, request
from flask.typing import ResponseReturnValue

from analytics.calibration import people
from analytics.dashboard import (
    chart,
    comparing,
    day_range,
    download,
    guides,
    history,
    history_csv,
    language,
    roles,
    stretches,
)
from analytics.dashboard.day_range import DayRange, RangeError
from analytics.dashboard.parts import wired
from analytics.dashboard.stretches import Step, Stretch
from analytics.figures import anomalies, day_notes, period_report
from analytics.figures.anomalies import Anomaly
from analytics.figures.period_report import PeriodReport
from analytics.figures.report import DayReport
from analytics.logins import across, portal_report

pages = Blueprint("history", __name__)

_STEPS = ("saw", "asked", "online", "member")


@pages.get("/history")
def page() -> ResponseReturnValue:
    parts, say = wired(), language.wording()
    now = parts.clock()
    today = parts.settings.today(now)
    asked, fault = day_range.read_or_usual(request.args, today)
    step = _step(asked)
    days = history.days(parts.database, parts.settings, asked)
    whole = period_report.of_days(parts.settings, asked.first, asked.last, days)
    notes = day_notes.find(parts.database, asked.first, asked.last)
    rows = history.rows(whole, step, notes, parts.settings, say)
    shown = render_template(
        "history.html",
        chosen=asked,
        fault=fault,
        today=today,
        presets=day_range.PRESETS,
        most=day_range.LONGEST_DAYS,
        step=step,
        steps=list(Step),
        whole=whole,
        first_day=history.first_day(parts.database),
        said=lambda days: stretches.said(days, say),
        people=people.of_range(parts.database, parts.settings, whole, now),
        rows=rows,
        a_day=lambda name: history.a_day(whole, name),
        charts=history.charts(rows, say),
        dwell_lengths=chart.shares(list(whole.dwell_visits.values())),
        comparisons=comparing.of_range(parts.database, parts.settings, whole, days, say),
        notes=notes,
        anomalies=_anomalies(asked, today, days),
        said_days=lambda found: stretches.said_days(Stretch(found.first, found.last), say),
        k=parts.settings.traffic.suppress_below,
        is_strict=parts.settings.sensor.strict,
        **_portal(asked, whole),
    )
    return (shown, 422) if fault else shown


@pages.get("/history.csv")
def csv() -> ResponseReturnValue:
    parts = wired()
    try:
        asked = day_range.read(request.args, parts.settings.today(parts.clock()))
    except RangeError:
        abort(404)
    whole = period_report.find(parts.database, parts.settings, asked.first, asked.last)
    notes = day_notes.find(parts.database, asked.first, asked.last)
    name = f"history-{parts.settings.store.id}-{asked.first}-{asked.last}.csv"
    return download.of(history_csv.write(whole, notes), name)


def _anomalies(asked: DayRange, today: dt.date, days: list[DayReport]) -> tuple[Anomaly, ...]:
    ends = asked.first, asked.last
    known = [each for each in days if anomalies.earliest(asked.first) <= each.day <= asked.last]
    parts = wired()
    return anomalies.find(parts.database, parts.settings, *ends, today=today, days=known)


def _step(asked: DayRange) -> Step:
    by = request.args.get("by")
    return Step(by) if by in set(Step) else stretches.usual(asked.days)


def _portal(asked: DayRange, whole: PeriodReport) -> dict[str, object]:
    """What logins tell of the range, for those who may see it."""
    parts = wired()
    if not roles.RIGHTS.may(g.user.role, "funnel.page"):
        return {"span": None}
    span = portal_report.find(parts.database, parts.settings, asked.last, asked.days)
    return {
        "span": span,
        "funnel_steps": _STEPS,
        "ratio": across.per_hundred_visitors(whole.days, span.days, "online"),
        "guides": guides.find(parts.database, parts.settings, asked.first, asked.last),
    }
