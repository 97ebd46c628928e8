"""Builds the store manager's web application from its parts."""

import datetime as dt

from flask import Flask, Response, g, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from analytics.dashboard import audit_trail, guard, language, roles
from analytics.dashboard.parts import NAME, Parts, wired
from analytics.dashboard.views import (
    account,
    audit,
    campaigns,
    coupons,
    figures,
    funnel,
    groups,
    guests,
    members,
    online,
    sign,
    sign_in,
    sources,
    status,
    surveys,
    traffic,
    vouchers,
)

# No script at all, nothing from elsewhere, in nobody's frame.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
_DESTINATIONS = (
    "traffic",
    "funnel",
    "online",
    "guests",
    "vouchers",
    "members",
    "campaigns",
    "status",
    "figures",
    "audit",
)
_FORM_BYTES = 16 * 1024


def create_app(parts: Parts) -> Flask:
    app = Flask(__name__)
    app.extensions[NAME] = parts
    app.config.update(
        SECRET_KEY=parts.secrets.form_key,
        # Its own name: browsers keep cookies by host, and the portal may share ours.
        SESSION_COOKIE_NAME="doorman_dashboard",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=dt.timedelta(hours=parts.settings.dashboard.sign_in_hours),
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=_FORM_BYTES,
    )
    app.before_request(guard.refuse_foreign_forms)
    app.before_request(guard.refuse_strangers)
    app.before_request(guard.refuse_other_roles)
    app.after_request(audit_trail.finish)
    app.after_request(language.remember)
    app.after_request(_secure)
    app.context_processor(language.for_templates)
    app.context_processor(_navigation)
    app.register_error_handler(HTTPException, _error_page)
    for views in (
        sign_in,
        account,
        traffic,
        funnel,
        online,
        guests,
        vouchers,
        members,
        campaigns,
        sources,
        coupons,
        surveys,
        groups,
        status,
        figures,
        sign,
        audit,
    ):
        app.register_blueprint(views.pages)
    return app


def _navigation() -> dict[str, object]:
    """Where the bar at the top leads: not to what this store does not use, or this user may not
    see. `may(endpoint)` tells every template.
    """
    user = g.get("user")

    def may(endpoint: str) -> bool:
        return user is not None and roles.may(user.role, endpoint)

    ways = wired().settings.ways
    used = {"guests": ways.sponsor, "vouchers": ways.voucher}
    return {
        "may": may,
        "destinations": [
            page for page in _DESTINATIONS if used.get(page, True) and may(f"{page}.page")
        ],
    }


def _secure(response: Response) -> Response:
    # A page may have a policy of its own.
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Not "no-referrer": with it, browsers send forms with the Origin "null".
    response.headers["Referrer-Policy"] = "same-origin"
    if response.mimetype != "text/css":
        # Masked as they are, members belong in no cache.
        response.headers["Cache-Control"] = "no-store"
    return response


def _error_page(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    return render_template("error.html", code=error.code), error.code or 500
