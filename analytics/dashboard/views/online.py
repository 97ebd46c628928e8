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
    return _page(request.args.get("page", 1, type=int))


@pages.post("/online/cut")
def cut() -> ResponseReturnValue:
    """A phone that has left meanwhile is as good as cut: the page shows who is still there."""
    parts = wired()
    key = request.form.get("device", "")
    number = request.form.get("page", 1, type=int)
    try:
        online.cut(parts.database, parts.sealer, parts.gate, key, parts.clock())
    except GateError as error:
        _log.error("a phone was not cut off", reason=str(error))
        return _page(number, not_cut=True)
    return redirect(_address(number), 303)


def _address(number: int, again: int | None = None) -> str:
    return url_for("online.page", page=number if number > 1 else None, again=again)


def _page(number: int, *, not_cut: bool = False) -> ResponseReturnValue:
    parts = wired()
    now = parts.clock()
    try:
        found = online.page(parts.database, parts.sealer, parts.gate, now, number)
    except GateError as error:
        _log.error("the gate does not say who is online", reason=str(error))
        found = None
    return render_template(
        "online.html",
        found=found,
        not_cut=not_cut,
        now=now,
        here=_address(found.number if found else number, again=1),
        refresh_s=REFRESH_S,
    ), 503 if not_cut or found is None else 200
