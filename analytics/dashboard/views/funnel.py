"""What logins tell: the way from the first page to a campaign, who came back, who enrolled."""

import dataclasses
import datetime as dt
from collections.abc import Mapping

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from analytics.dashboard import chart, download
from analytics.dashboard.parts import wired
from analytics.logins import enrolment_report, portal_csv, portal_report
from analytics.logins.enrolment_report import EnrolmentReport
from analytics.logins.portal_report import PortalSpan, Sum

pages = Blueprint("funnel", __name__)

SPANS = (1, 7, 30)

_USUAL = 7


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A figure of the page, with the length of its bar in percent."""

    name: str
    sum: Sum
    length: float


@pages.get("/funnel")
def page() -> ResponseReturnValue:
    parts = wired()
    today = parts.settings.today(parts.clock())
    day, days = _asked(today)
    span, enrolled = _found(day, days)
    step = dt.timedelta(days=days)
    return render_template(
        "funnel.html",
        day=day,
        days=days,
        spans=SPANS,
        today=today,
        before=day - step,
        after=min(day + step, today) if day < today else None,
        span=span,
        steps=_lines(span.steps),
        members=_lines(span.members),
        enrolled=enrolled,
        enrolled_lengths=chart.shares([line.members for line in enrolled.by_source])
        if enrolled
        else [],
        k=parts.settings.traffic.suppress_below,
    )


@pages.get("/funnel.csv")
def csv() -> ResponseReturnValue:
    parts = wired()
    day, days = _asked(parts.settings.today(parts.clock()))
    span, enrolled = _found(day, days)
    name = f"funnel-{parts.settings.store.id}-{span.first}-{span.last}.csv"
    return download.of(portal_csv.write(parts.settings.store.id, span, enrolled), name)


def _asked(today: dt.date) -> tuple[dt.date, int]:
    """The last day and the number of days in the query; no page for what is none or not yet."""
    try:
        day = dt.date.fromisoformat(request.args.get("day", today.isoformat()))
        days = int(request.args.get("days", _USUAL))
    except ValueError:
        abort(404)
    if day > today or day.year <= dt.MINYEAR or days not in SPANS:
        abort(404)
    return day, days


def _found(day: dt.date, days: int) -> tuple[PortalSpan, EnrolmentReport | None]:
    parts = wired()
    return (
        portal_report.find(parts.database, parts.settings, day, days),
        enrolment_report.find(parts.database, parts.settings, day),
    )


def _lines(sums: Mapping[str, Sum]) -> list[Line]:
    lengths = chart.shares([each.value for each in sums.values()])
    pairs = zip(sums.items(), lengths, strict=True)
    return [Line(name, each, length) for (name, each), length in pairs]
