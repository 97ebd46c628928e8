"""Builds the store manager's web application from its parts."""

import datetime as dt

from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from analytics.dashboard import (
    audit_trail,
    guard,
    language,
    navigation,
    roles,
    static_files,
)
from analytics.dashboard.parts import NAME, Parts, wired
from analytics.dashboard.views import (
    account,
    audit,
    calibration,
    campaigns,
    counting,
    coupons,
    figures,
    funnel,
    groups,
    guests,
    heat,
    history,
    live,
    members,
    notes,
    online,
    reports,
    sensor,
    sign,
    sign_in,
    sources,
    status,
    surveys,
    today,
    tokens,
    traffic,
    vouchers,
    walks,
)

# Our own files alone, no script or style within a page, nothing from elsewhere, in nobody's frame.
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_VERSIONS = "doorman_static_versions"
_FORM_BYTES = 16 * 1024
_VIEWS = (
    sign_in,
    account,
    today,
    live,
    traffic,
    sensor,
    history,
    heat,
    notes,
    funnel,
    reports,
    online,
    guests,
    vouchers,
    members,
    campaigns,
    sources,
    coupons,
    surveys,
    groups,
    tokens,
    status,
    figures,
    sign,
    audit,
    calibration,
    walks,
    counting,
)


def create_app(parts: Parts) -> Flask:
    app = Flask(__name__)
    app.extensions[NAME] = parts
    app.extensions[live.ROOM] = live.room(parts.settings.dashboard.live_streams)
    app.extensions[_VERSIONS] = static_files.versions()
    app.config.update(_config(parts))
    app.before_request(guard.refuse_foreign_forms)
    app.before_request(guard.refuse_strangers)
    app.before_request(guard.refuse_other_roles)
    app.after_request(audit_trail.finish)
    app.after_request(language.remember)
    app.after_request(_secure)
    app.context_processor(language.for_templates)
    app.context_processor(_navigation)
    app.context_processor(_static_addresses)
    app.register_error_handler(HTTPException, _error_page)
    for views in _VIEWS:
        app.register_blueprint(views.pages)
    return app


def _config(parts: Parts) -> dict[str, object]:
    return {
        "SECRET_KEY": parts.secrets.form_key,
        # Its own name: browsers keep cookies by host, and the portal may share ours.
        "SESSION_COOKIE_NAME": "doorman_dashboard",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": dt.timedelta(hours=parts.settings.dashboard.sign_in_hours),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "MAX_CONTENT_LENGTH": _FORM_BYTES,
    }


def _navigation() -> dict[str, object]:
    """Where the bar at the top leads: not to what this store does not use, or this user may not
    see. `may(endpoint)` tells every template.
    """
    user = g.get("user")

    def may(endpoint: str) -> bool:
        return user is not None and roles.may(user.role, endpoint)

    ways = wired().settings.ways
    used = {"guests": ways.sponsor, "vouchers": ways.voucher}

    def may_open(page: str) -> bool:
        endpoint = f"{page}.page"
        return endpoint in current_app.view_functions and used.get(page, True) and may(endpoint)

    here = navigation.page_of(request.blueprint)
    return {"may": may, "here": here, "navigation": navigation.groups(may_open, here)}


def _static_addresses() -> dict[str, object]:
    versions = current_app.extensions[_VERSIONS]

    def static_address(filename: str) -> str:
        return url_for("static", filename=filename, **{static_files.VERSION: versions[filename]})

    return {"static_address": static_address}


def _secure(response: Response) -> Response:
    # A page may have a policy of its own.
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Not "no-referrer": with it, browsers send forms with the Origin "null".
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static":
        # Masked as they are, members belong in no cache.
        response.headers["Cache-Control"] = "no-store"
    elif static_files.VERSION in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _error_page(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    return render_template("error.html", code=error.code), error.code or 500
