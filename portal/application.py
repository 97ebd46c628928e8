"""Puts the portal's views together into one Flask application."""

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

from core import health_answer, request_id, texts
from core.database import UnfitValueError
from core.health_answer import HealthAnswer
from core.log import Log
from core.metrics.measured import ROUTE
from core.request_id import RequestIds
from core.request_target import UNREADABLE, ReadableTarget
from core.setting_groups.portal import NeighboursKind
from portal import origin, page
from portal.parts import Parts
from portal.probes import Redirect
from portal.views import (
    campaign,
    captive_api,
    challenge,
    code,
    consent,
    do_not_count,
    email,
    guest,
    my_data,
    my_data_changes,
    my_data_proof,
    my_data_wechat,
    notice,
    online,
    passes,
    phone,
    redirected,
    returning,
    steps,
    voucher,
    wechat,
)
from portal.visitor import (
    EXTENSION,
    UnknownNeighbourError,
    arrive,
    asked_language,
    browser_language,
    wired,
)
from portal.vouching import Vouching

_log = Log("portal")

_FORM = "application/x-www-form-urlencoded"
_MOST_FORM_BYTES = 8 * 1024
_STYLE_LASTS_S = 86_400
# What browsers may keep. All else is about one person.
_KEPT = frozenset({"static", "campaign.picture"})

_PAGES = (
    phone,
    email,
    voucher,
    guest,
    returning,
    wechat,
    code,
    consent,
    challenge,
    online,
    passes,
    notice,
    do_not_count,
    my_data,
    my_data_proof,
    my_data_wechat,
    my_data_changes,
    captive_api,
    campaign,
    redirected,
)

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    # Not `no-referrer`: see portal.origin.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def create_app(parts: Parts) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_FORM_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _STYLE_LASTS_S
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[EXTENSION] = parts
    Babel(app, locale_selector=_locale, timezone_selector=lambda: parts.settings.store.time_zone)
    for module in _PAGES:
        app.register_blueprint(module.bp)
    app.jinja_env.globals["wording_edition"] = lambda: parts.wordings.edition
    app.before_request(_name_route)
    app.before_request(_refuse_unreadable)
    app.before_request(_refuse_foreign_forms)
    app.before_request(_show_new_wording)
    app.after_request(_protect)
    app.register_error_handler(UnknownNeighbourError, _reconnect)
    app.register_error_handler(HTTPException, _plain_error)
    app.register_error_handler(UnfitValueError, lambda _error: _plain_error(BadRequest()))
    app.register_error_handler(Exception, _failed)
    app.wsgi_app = HealthAnswer(app.wsgi_app, health_answer.answers(parts.database))  # type: ignore[method-assign]  # as below
    vouching = Vouching(parts.pass_desk, parts.neighbours, parts.clock)
    app.wsgi_app = Redirect(app.wsgi_app, parts.settings.portal.url, vouching)  # type: ignore[method-assign]  # Flask's documented place for middleware
    app.wsgi_app = RequestIds(ReadableTarget(app.wsgi_app))  # type: ignore[method-assign]  # as above
    return app


def _name_route() -> None:
    """For the count of requests: sorts of pages, of which there are few."""
    if request.endpoint in _KEPT:
        sort = "file"
    elif request.blueprint == captive_api.bp.name:
        sort = "api"
    elif request.endpoint is None:
        sort = "unknown"
    else:
        sort = "form" if request.method == "POST" else "page"
    request.environ[ROUTE] = sort


def _refuse_unreadable() -> None:
    if UNREADABLE in request.environ:
        raise BadRequest
    if request.content_length and request.mimetype != _FORM:
        raise UnsupportedMediaType


def _refuse_foreign_forms() -> ResponseReturnValue | None:
    if request.method != "POST":
        return None
    sent = request.headers
    if origin.is_foreign(request.host, sent.get("Origin"), sent.get("Sec-Fetch-Site")):
        return _message("foreign", 403)
    return None


def _show_new_wording() -> ResponseReturnValue | None:
    """Nobody agrees to words that they have not read: the page they have is shown anew."""
    read = request.form.get("wording") if request.method == "POST" else None
    if read is None or read == wired().wordings.edition:
        return None
    return steps.go_on(arrive())


def _protect(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if request.endpoint not in _KEPT or response.status_code >= 400:  # noqa: PLR2004 - HTTP's errors
        response.headers["Cache-Control"] = "no-store"
    return response


def _reconnect(_error: UnknownNeighbourError) -> ResponseReturnValue:
    portal = wired().settings.portal
    waits = portal.neighbours is NeighboursKind.REDIRECT and not portal.behind_nat
    if waits and request.method == "GET":
        return redirected.arriving_page()
    return _message("reconnect", 403)


def _plain_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    answer = _message("missing" if status == 404 else "refused", status)  # noqa: PLR2004 - not found
    if status == 405:  # noqa: PLR2004 - method not allowed
        answer.headers["Allow"] = dict(error.get_headers()).get("Allow", "GET")
    return answer


def _failed(_error: Exception) -> ResponseReturnValue:
    """Say sorry, and log the error's sort and place: its message may quote a person."""
    _log.exception("page failed", endpoint=request.endpoint)
    return _message("failed", 500)


def _message(name: str, status: int) -> Response:
    number = request_id.spoken()
    return page.render("message.html", _language(), status, name=name, number=number)


def _locale() -> str:
    """How dates are written outside of `page.render`, which knows the page's language."""
    return str(texts.locale(_language()))


def _language() -> str:
    # Of the address alone: the form may be what was wrong.
    return asked_language(request.args) or browser_language()
