"""Counting people by hand, on a phone at the door."""

from flask import Blueprint, abort, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import counting
from analytics.dashboard.parts import wired
from core.models.counting_session import CountingSession

pages = Blueprint("counting", __name__)

_JSON = "application/json"


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
    return render_template("counting.html", counted=found, now=parts.clock())


@pages.post("/calibration/count/<int:number>/add")
def add(number: int) -> ResponseReturnValue:
    """Count on, or back: the page anew, or for its script what it has come to."""
    parts = wired()
    asked, step = request.form.get("who"), request.form.get("step", type=int)
    if asked not in {"entered", "passed"} or step is None:
        abort(400)
    who = CountingSession.entered if asked == "entered" else CountingSession.passed
    if not counting.add(parts.database, number, who, step, parts.clock()):
        abort(409)
    if request.accept_mimetypes.best == _JSON:
        found = counting.find(parts.database, number)
        return jsonify(entered=found and found.entered, passed=found and found.passed)
    return redirect(url_for("counting.page", number=number), 303)


@pages.post("/calibration/count/<int:number>/stop")
def stop(number: int) -> ResponseReturnValue:
    parts = wired()
    counting.stop(parts.database, number, parts.clock())
    return redirect(url_for("calibration.page"), 303)


@pages.post("/calibration/count/<int:number>/remove")
def remove(number: int) -> ResponseReturnValue:
    counting.remove(wired().database, number)
    return redirect(url_for("calibration.page"), 303)
