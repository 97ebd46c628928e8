"""How figures are tied to this store: thresholds, people per device, and what both rest on."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.calibration import (
    calibration,
    calibration_report,
    counter_file,
    learnt_zones,
    thresholds,
)
from analytics.calibration.calibration_report import Calibration
from analytics.calibration.counter_file import BadLine
from analytics.dashboard import counting, walks
from analytics.dashboard.parts import wired
from analytics.figures import report
from analytics.figures.report import Estimate
from core import periods

pages = Blueprint("calibration", __name__)

_MOST_BYTES = 512 * 1024
_MOST_SHOWN = 30


@dataclasses.dataclass(frozen=True, slots=True)
class Example:
    """What the factors make of a day."""

    day: dt.date
    visitors: Estimate
    visiting_people: Estimate
    passers_by: Estimate
    passing_people: Estimate


@pages.get("/calibration")
def page() -> ResponseReturnValue:
    return _page()


@pages.post("/calibration/file")
def take_file() -> ResponseReturnValue:
    """Take a door counter's file, or show what is wrong with it."""
    # Only where somebody is signed in may a request be so large.
    request.max_content_length = _MOST_BYTES
    parts = wired()
    given = request.files.get("file")
    octets = given.read() if given else b""
    taken, bad = counting.take_file(
        parts.database, parts.settings, g.user_name, octets, parts.clock()
    )
    if bad:
        return _page(bad), 422
    return redirect(url_for("calibration.page", taken=taken), 303)


def _page(bad: Sequence[BadLine] = ()) -> str:
    parts = wired()
    now = parts.clock()
    today = parts.settings.today(now)
    with parts.database.reading() as session:
        learnt = learnt_zones.find(session, today)
        in_force = thresholds.in_force(session, parts.settings, today, learnt)
    found = calibration_report.find(parts.database, parts.settings, now)
    return render_template(
        "calibration.html",
        thresholds=in_force,
        walks=walks.accepted(parts.database),
        is_strict=parts.settings.sensor.strict,
        found=found,
        lines=found.lines[:_MOST_SHOWN],
        more=max(len(found.lines) - _MOST_SHOWN, 0),
        running=counting.running(parts.database, now),
        example=_example(found, today - dt.timedelta(days=1)),
        fewest=(calibration.FEWEST_PEOPLE, calibration.FEWEST_DEVICES),
        fresh_days=calibration_report.FRESH.days,
        most_lines=counter_file.MOST_LINES,
        kept_days=periods.COUNTING_SESSION.days,
        bad=bad[:_MOST_SHOWN],
        bad_more=max(len(bad) - _MOST_SHOWN, 0),
        taken=request.args.get("taken", type=int),
        now=now,
    )


def _example(found: Calibration, day: dt.date) -> Example | None:
    """The latest whole day, if there are factors that hold."""
    parts = wired()
    known = report.find(parts.database, parts.settings, day) if found.is_fresh else None
    if known is None or known.visitors.value is None:
        return None
    return Example(
        day=day,
        visitors=known.visitors,
        visiting_people=calibration.people(known.visitors, found.visitors),
        passers_by=known.passers_by,
        passing_people=calibration.people(known.passers_by, found.passers_by),
    )
