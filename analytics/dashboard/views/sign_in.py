"""Signing in and out."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import accounts, guard
from analytics.dashboard.parts import wired
from core.log import Log

pages = Blueprint("sign_in", __name__)

_log = Log("dashboard")


@pages.get("/sign-in")
def form() -> ResponseReturnValue:
    if g.user_name is not None:
        return redirect(url_for("traffic.page"), 303)
    return render_template("sign_in.html", error=None)


@pages.post("/sign-in")
def submit() -> ResponseReturnValue:
    parts = wired()
    now = parts.clock()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    if parts.failed_sign_ins.is_locked(name, now):
        return render_template("sign_in.html", error="locked"), 429
    user_id = accounts.identify(parts.database, name, password)
    if user_id is None:
        parts.failed_sign_ins.add(name, now)
        # Without the name: people type their password there by mistake.
        _log.warning("sign-in failed")
        return render_template("sign_in.html", error="wrong"), 403
    parts.failed_sign_ins.clear(name)
    guard.admit(user_id)
    return redirect(url_for("traffic.page"), 303)


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    guard.dismiss()
    return redirect(url_for("sign_in.form"), 303)
