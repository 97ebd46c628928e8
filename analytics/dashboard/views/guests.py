"""Guests who wait, and the buttons that let them in or refuse."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import guests
from analytics.dashboard.parts import wired
from core.log import Log

pages = Blueprint("guests", __name__)

REFRESH_S = 10

_log = Log("dashboard")


@pages.get("/guests")
def page() -> ResponseReturnValue:
    parts = wired()
    now = parts.clock()
    return render_template(
        "guests.html",
        waiting=guests.waiting(parts.database, parts.sealer, now),
        hours=guests.HOURS,
        is_open=parts.settings.ways.sponsor,
        is_late="late" in request.args,
        now=now,
        refresh_s=REFRESH_S,
    )


@pages.post("/guests/<int:number>")
def decide(number: int) -> ResponseReturnValue:
    """Let in, or refuse. Who comes second hears that it is decided."""
    parts = wired()
    hours = request.form.get("hours", type=int)
    refuses = "refuse" in request.form
    if not refuses and hours not in guests.HOURS:
        return redirect(url_for("guests.page"), 303)
    login = guests.decide(
        parts.database,
        parts.sealer,
        number,
        g.user_name,
        hours=None if refuses else hours,
        now=parts.clock(),
    )
    if login is None:
        return redirect(url_for("guests.page", late=1), 303)
    _log.info("guest refused" if refuses else "guest let in", login=login, request=number)
    return redirect(url_for("guests.page"), 303)
