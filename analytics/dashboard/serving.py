"""Builds the web application of a site: its own views, and around them what all sites share."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    LengthRequired,
    NotFound,
    UnsupportedMediaType,
)

from analytics.dashboard import audit_trail, guard, language, navigation, static_files, transport
from analytics.dashboard.site import FRAME, PARTS, Frame, Site, frame
from analytics.dashboard.static_files import StaticFile
from core import health_answer, request_id
from core.database import UnfitValueError
from core.health_answer import HealthAnswer
from core.log import Log
from core.request_id import RequestIds
from core.request_target import UNREADABLE, ReadableTarget

# Our own files alone, no script or style within a page, nothing from elsewhere, in nobody's frame.
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FILES = "doorman_static_files"
_FORM_BYTES = 16 * 1024
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
# Whole, in part, and as the browser has it.
_OF_A_FILE = frozenset({200, 206, 304})
_log = Log("pages")


def build(parts: Site, around: Frame, views: Sequence[Blueprint]) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(each / "templates") for each in _folders(around)]
    )
    app.extensions |= {PARTS: parts, FRAME: around}
    app.extensions[_FILES] = static_files.find(
        *(each / "static" for each in reversed(_folders(around)))
    )
    app.config.update(_config(parts, around))
    app.session_interface = transport.BoundCookie()
    app.before_request(_refuse_unreadable)
    app.before_request(guard.refuse_foreign_forms)
    app.before_request(guard.refuse_strangers)
    app.before_request(guard.refuse_other_roles)
    app.after_request(audit_trail.finish)
    app.after_request(language.remember)
    app.after_request(_secure)
    app.after_request(transport.hold_to_https)
    app.context_processor(language.for_templates)
    app.context_processor(_navigation)
    app.context_processor(_static_addresses)
    app.jinja_env.globals["request_number"] = request_id.spoken
    app.register_error_handler(HTTPException, _error_page)
    app.register_error_handler(UnfitValueError, lambda _error: _error_page(BadRequest()))
    app.add_url_rule("/static/<path:filename>", "static", _static)
    for each in views:
        app.register_blueprint(each)
    has_page = any(rule.rule == health_answer.PATH for rule in app.url_map.iter_rules())
    is_well = health_answer.answers(parts.database)
    app.wsgi_app = HealthAnswer(app.wsgi_app, is_well, has_page=has_page)  # type: ignore[method-assign]  # Flask's documented place for middleware
    app.wsgi_app = RequestIds(ReadableTarget(app.wsgi_app))  # type: ignore[method-assign]  # as above
    return app


def _refuse_unreadable() -> None:
    if UNREADABLE in request.environ:
        raise BadRequest
    # No browser sends a form like this. Whoever waits for its end waits as long as a caller likes.
    if "Transfer-Encoding" in request.headers:
        raise LengthRequired
    if request.content_length and request.mimetype not in _FORMS:
        raise UnsupportedMediaType


def _folders(around: Frame) -> list[Path]:
    return [*around.folders, static_files.FOLDER.parent]


def _config(parts: Site, around: Frame) -> dict[str, object]:
    return {
        "SECRET_KEY": parts.form_key,
        "SESSION_COOKIE_NAME": around.cookie,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": parts.lifetime.longest,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "MAX_CONTENT_LENGTH": _FORM_BYTES,
    }


def _navigation() -> dict[str, object]:
    """Where the bar at the top leads: not to what this site does not use, or this user may not
    see. `may(endpoint)` tells every template.
    """
    user, around = g.get("user"), frame()

    def may(endpoint: str) -> bool:
        return user is not None and around.rights.may(user.role, endpoint)

    def may_open(page: str) -> bool:
        endpoint = f"{page}.page"
        return endpoint in current_app.view_functions and around.is_used(page) and may(endpoint)

    here = around.part_of.get(request.blueprint or "", request.blueprint)
    groups = navigation.groups(around.groups, may_open, here)
    return {"may": may, "here": here, "home": around.home, "navigation": groups}


def _files() -> Mapping[str, StaticFile]:
    found: Mapping[str, StaticFile] = current_app.extensions[_FILES]
    return found


def _static(filename: str) -> Response:
    file = _files().get(filename)
    if file is None:
        raise NotFound
    return send_from_directory(file.folder, filename)


def _static_addresses() -> dict[str, object]:
    files = _files()

    def static_address(filename: str) -> str:
        named: dict[str, Any] = {static_files.VERSION: files[filename].version}
        return url_for("static", filename=filename, **named)

    return {"static_address": static_address}


def _secure(response: Response) -> Response:
    # A page may have a policy of its own.
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Not "no-referrer": with it, browsers send forms with the Origin "null".
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static" or response.status_code not in _OF_A_FILE:
        # Masked as they are, members belong in no cache.
        response.headers["Cache-Control"] = "no-store"
    elif static_files.VERSION in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _error_page(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    if request.endpoint is not None:
        # What was asked of a page of ours, and is no good: its sort, and nothing of what it said.
        _log.warning("request refused", endpoint=request.endpoint, status=error.code)
    return render_template("error.html", code=error.code), error.code or 500
