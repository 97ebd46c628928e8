"""Signing in and out."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import accounts, audit_trail, failed_sign_ins, guard, second_factor
from analytics.dashboard.site import frame, site
from core.log import Log

pages = Blueprint("sign_in", __name__)

_log = Log("dashboard")


@pages.get("/sign-in")
def form() -> ResponseReturnValue:
    if g.user is not None:
        return redirect(url_for(frame().home), 303)
    return render_template("sign_in.html", error=None)


@pages.post("/sign-in")
def submit() -> ResponseReturnValue:
    parts = site()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    if not _may_try(name):
        return render_template("sign_in.html", error="locked"), 429
    user_id = accounts.identify(parts.database, name, password)
    if user_id is None:
        known = accounts.id_of(parts.database, name)
        _fail(known)
        return render_template("sign_in.html", error="wrong"), 403
    if second_factor.is_on(parts.database, user_id):
        guard.admit_half(user_id)
        return redirect(url_for("sign_in.code_form"), 303)
    return _admit(user_id, name)


@pages.get("/sign-in/code")
def code_form() -> ResponseReturnValue:
    if g.user is not None or guard.half_admitted() is None:
        return redirect(url_for("sign_in.form"), 303)
    return render_template("sign_in_code.html", error=None)


@pages.post("/sign-in/code")
def check_code() -> ResponseReturnValue:
    parts, user_id = site(), guard.half_admitted()
    user = accounts.find(parts.database, user_id) if user_id is not None else None
    if user is None:
        return redirect(url_for("sign_in.form"), 303)
    if not _may_try(user.name):
        return render_template("sign_in_code.html", error="locked"), 429
    typed = request.form.get("code", "")
    if not second_factor.check(parts.database, parts.sealer, user.id, typed, parts.clock()):
        _fail(user.id)
        return render_template("sign_in_code.html", error="wrong_code"), 403
    return _admit(user.id, user.name)


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    guard.dismiss()
    answer = redirect(url_for("sign_in.form"), 303)
    # What pages have left in the browser. Not "cookies": those of names above ours would go, too.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _may_try(name: str) -> bool:
    parts = site()
    address = request.remote_addr or ""
    return failed_sign_ins.begin(parts.database, parts.sealer, name, address, parts.clock())


def _fail(user_id: int | None) -> None:
    user = accounts.find(site().database, user_id) if user_id is not None else None
    audit_trail.sign_in(user, refused_with=403)
    # Without the name: people type their password there by mistake.
    _log.warning("sign-in failed")


def _admit(user_id: int, name: str) -> ResponseReturnValue:
    parts = site()
    audit_trail.sign_in(accounts.find(parts.database, user_id))
    failed_sign_ins.clear(parts.database, parts.sealer, name, request.remote_addr or "")
    guard.admit(user_id)
    return redirect(url_for(frame().home), 303)
