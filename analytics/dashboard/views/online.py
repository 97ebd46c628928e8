"""Who is online now, and the button that cuts somebody off."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import online
from analytics.dashboard.parts import wired
from core.log import Log
from gate.client import GateError

pages = Blueprint("online", __name__)

REFRESH_S = 20

_log = Log("dashboard")


@pages.get("/online")
def page() -> ResponseReturnValue:
    return _page()


@pages.post("/online/cut")
def cut() -> ResponseReturnValue:
    """A phone that has left meanwhile is as good as cut: the page shows who is still there."""
    parts = wired()
    key = request.form.get("device", "")
    try:
        online.cut(parts.database, parts.sealer, parts.gate, key, parts.clock())
    except GateError as error:
        _log.error("a phone was not cut off", reason=str(error))
        return _page(not_cut=True)
    return redirect(url_for("online.page"), 303)


def _page(*, not_cut: bool = False) -> ResponseReturnValue:
    parts = wired()
    now = parts.clock()
    try:
        found = online.page(parts.database, parts.sealer, parts.gate, now)
    except GateError as error:
        _log.error("the gate does not say who is online", reason=str(error))
        found = None
    return render_template(
        "online.html",
        found=found,
        not_cut=not_cut,
        now=now,
        most_lines=online.MOST_LINES,
        refresh_s=REFRESH_S,
    ), 503 if not_cut or found is None else 200
