"""One's own account: password and second factor."""

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import accounts, failed_sign_ins, guard, second_factor, sources
from analytics.dashboard.accounts import PasswordError
from analytics.dashboard.site import site

pages = Blueprint("account", __name__)

_DONE = frozenset({"password", "totp_on", "totp_off"})


@pages.get("/account")
def page() -> ResponseReturnValue:
    return _page()


@pages.post("/account/password")
def change_password() -> ResponseReturnValue:
    parts, form = site(), request.form
    fault = _doubt(form.get("current", ""))
    if fault:
        return _page(current=fault)
    new = form.get("new", "")
    if new != form.get("again", ""):
        return _page(again="unlike")
    try:
        accounts.set_password(parts.database, g.user.name, new)
    except PasswordError:
        return _page(new="weak")
    return _begin_anew("password")


@pages.post("/account/totp/begin")
def begin_totp() -> ResponseReturnValue:
    parts = site()
    fault = _doubt(request.form.get("password", ""))
    if fault:
        return _page(password=fault)
    second_factor.begin(parts.database, parts.sealer, g.user.user_id)
    return redirect(url_for("account.totp"), 303)


@pages.get("/account/totp")
def totp() -> ResponseReturnValue:
    draft = _draft()
    if draft is None:
        return redirect(url_for("account.page"), 303)
    return render_template("totp.html", draft=draft, fault=None)


@pages.get("/account/totp.svg")
def totp_qr() -> ResponseReturnValue:
    draft = _draft()
    if draft is None:
        abort(404)
    return Response(sources.qr_code(draft.address), mimetype="image/svg+xml")


@pages.post("/account/totp/confirm")
def confirm_totp() -> ResponseReturnValue:
    parts, draft = site(), _draft()
    if draft is None:
        return redirect(url_for("account.page"), 303)
    typed = request.form.get("code", "")
    if not second_factor.confirm(
        parts.database, parts.sealer, g.user.user_id, typed, parts.clock()
    ):
        return render_template("totp.html", draft=draft, fault="wrong_code"), 422
    return _begin_anew("totp_on")


@pages.post("/account/totp/off")
def totp_off() -> ResponseReturnValue:
    fault = _doubt(request.form.get("password", ""))
    if fault:
        return _page(password=fault)
    second_factor.take_off(site().database, g.user.user_id)
    return redirect(url_for("account.page", done="totp_off"), 303)


def _doubt(password: str) -> str | None:
    """Why who sits at this browser may not be its user; None: they know the password."""
    parts, address = site(), request.remote_addr or ""
    if not failed_sign_ins.begin(parts.database, parts.sealer, g.user.name, address, parts.clock()):
        return "locked"
    if accounts.identify(parts.database, g.user.name, password) is None:
        return "wrong_password"
    failed_sign_ins.clear(parts.database, parts.sealer, g.user.name, address)
    return None


def _draft() -> second_factor.Draft | None:
    parts = site()
    issuer = f"Doorman {parts.name}"
    return second_factor.draft(parts.database, parts.sealer, g.user.user_id, issuer)


def _begin_anew(done: str) -> ResponseReturnValue:
    """With a sign-in of its own, when all others of this user have ended."""
    guard.admit(g.user.user_id)
    return redirect(url_for("account.page", done=done), 303)


def _page(**faults: str) -> ResponseReturnValue:
    """With what is wrong, by the field's name."""
    done = request.args.get("done")
    return render_template(
        "account.html",
        user=g.user,
        has_totp=second_factor.is_on(site().database, g.user.user_id),
        must_have_totp=site().requires_codes,
        faults=faults,
        done=done if done in _DONE and not faults else None,
        shortest=accounts.SHORTEST_PASSWORD,
    ), 422 if faults else 200
