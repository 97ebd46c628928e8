"""The guided walk: three stations and a minute of silence, then two thresholds."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.calibration import learnt_zones, stations
from analytics.dashboard import walks
from analytics.dashboard.parts import wired
from core.log import Log
from core.models.walk import Station

pages = Blueprint("walks", __name__)

REFRESH_S = 3

_log = Log("dashboard")


@pages.post("/calibration/walk")
def begin() -> ResponseReturnValue:
    parts = wired()
    if parts.settings.sensor.strict:
        return redirect(url_for("calibration.page"), 303)
    number = walks.begin(parts.database, g.user_name, parts.clock())
    return redirect(url_for("walks.page", number=number), 303)


@pages.get("/calibration/walk/<int:number>")
def page(number: int) -> ResponseReturnValue:
    parts = wired()
    now = parts.clock()
    found = walks.progress(parts.database, parts.settings, number, now)
    if found is None:
        abort(404)
    with parts.database.reading() as session:
        learnt = learnt_zones.find(session, parts.settings.today(now))
    return render_template(
        "walk.html",
        progress=found,
        learnt=learnt,
        stations=tuple(Station),
        slots=stations.SLOTS,
        rules=parts.settings.traffic,
        refresh_s=REFRESH_S,
        now=now,
    )


@pages.post("/calibration/walk/<int:number>/station")
def station(number: int) -> ResponseReturnValue:
    """Begin a station, or repeat one. Out of turn, nothing happens: the page says what is next."""
    parts = wired()
    try:
        asked = Station(request.form.get("station", ""))
    except ValueError:
        abort(400)
    walks.begin_station(parts.database, parts.settings, number, asked, parts.clock())
    return redirect(url_for("walks.page", number=number), 303)


@pages.post("/calibration/walk/<int:number>/accept")
def accept(number: int) -> ResponseReturnValue:
    parts = wired()
    if not walks.accept(parts.database, parts.settings, number, parts.clock()):
        abort(409)
    _log.info("thresholds accepted", walk=number)
    return redirect(url_for("calibration.page"), 303)


@pages.post("/calibration/walk/<int:number>/withdraw")
def withdraw(number: int) -> ResponseReturnValue:
    parts = wired()
    walks.withdraw(parts.database, number, parts.clock())
    _log.info("thresholds withdrawn", walk=number)
    return redirect(url_for("calibration.page"), 303)
