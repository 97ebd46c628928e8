"""Counting people by hand, on a phone at the door."""

import re
import secrets

from flask import Blueprint, abort, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import counting
from analytics.dashboard.counting import Tap
from analytics.dashboard.parts import wired
from core.models.counting_session import CountingSession

pages = Blueprint("counting", __name__)

_JSON = "application/json"
_PAGE_OCTETS = 8
_PAGE = re.compile(r"[0-9a-f]{16}")
_MOST_TAPS = 1_000_000


@pages.post("/calibration/count")
def start() -> ResponseReturnValue:
    parts = wired()
    number = counting.start(
        parts.database,
        parts.settings,
        g.user_name,
        parts.clock(),
        counts_passed="passed" in request.form,
    )
    return redirect(url_for("counting.page", number=number), 303)


@pages.get("/calibration/count/<int:number>")
def page(number: int) -> ResponseReturnValue:
    parts = wired()
    found = counting.find(parts.database, number)
    if found is None:
        abort(404)
    if found.ended_at is not None:
        return redirect(url_for("calibration.page"), 303)
    page_name = secrets.token_hex(_PAGE_OCTETS)
    return render_template("counting.html", counted=found, page_name=page_name, now=parts.clock())


@pages.post("/calibration/count/<int:number>/add")
def add(number: int) -> ResponseReturnValue:
    """Count on, or back: the page anew, or for its script what it has come to."""
    parts = wired()
    asked, step = request.form.get("who"), request.form.get("step", type=int)
    if asked not in {"entered", "passed"} or step is None:
        abort(400)
    who = CountingSession.entered if asked == "entered" else CountingSession.passed
    if not counting.add(parts.database, number, who, step, parts.clock(), tap=_tap()):
        abort(409)
    if request.accept_mimetypes.best == _JSON:
        found = counting.find(parts.database, number)
        return jsonify(entered=found and found.entered, passed=found and found.passed)
    return redirect(url_for("counting.page", number=number), 303)


def _tap() -> Tap | None:
    """Which tap of which page it is; None: a form without its script, which sends nothing again."""
    if "tap" not in request.form:
        return None
    page, number = request.form.get("page", ""), request.form.get("tap", type=int)
    if not _PAGE.fullmatch(page) or number is None or not 0 < number <= _MOST_TAPS:
        abort(400)
    return Tap(page, number)


@pages.post("/calibration/count/<int:number>/stop")
def stop(number: int) -> ResponseReturnValue:
    parts = wired()
    counting.stop(parts.database, number, parts.clock())
    return redirect(url_for("calibration.page"), 303)


@pages.post("/calibration/count/<int:number>/remove")
def remove(number: int) -> ResponseReturnValue:
    counting.remove(wired().database, number)
    return redirect(url_for("calibration.page"), 303)
