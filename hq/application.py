"""Puts headquarters' views together into one Flask application."""

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, HTTPException

from core import health_answer
from core.database import UnfitValueError
from core.health_answer import HealthAnswer
from core.log import Log
from core.metrics.measured import ROUTE
from core.request_id import RequestIds
from core.request_target import UNREADABLE, ReadableTarget
from core.wechat_relay import Refusal
from hq import question
from hq.parts import EXTENSION, Parts
from hq.views import authorisation, callback, events, line, mini_program, reconcile, sms, stores

_MOST_BODY_BYTES = 64 * 1024

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    # Addresses here carry codes and tokens.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_log = Log("hq")


def create_app(parts: Parts) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BODY_BYTES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[EXTENSION] = parts
    for module in (stores, callback, authorisation, mini_program, events, sms, line, reconcile):
        app.register_blueprint(module.bp)
    app.before_request(_name_route)
    app.before_request(_refuse_unreadable)
    app.after_request(_protect)
    app.register_error_handler(question.RefusedError, question.refused)
    app.register_error_handler(HTTPException, _plain_error)
    app.register_error_handler(UnfitValueError, lambda _error: _plain_error(BadRequest()))
    app.register_error_handler(Exception, _failed)
    app.wsgi_app = HealthAnswer(app.wsgi_app, health_answer.answers(parts.database))  # type: ignore[method-assign]  # Flask's documented place for middleware
    app.wsgi_app = RequestIds(ReadableTarget(app.wsgi_app))  # type: ignore[method-assign]  # as above
    return app


def _name_route() -> None:
    """For the count of requests: what stores ask, in a word."""
    request.environ[ROUTE] = request.blueprint or "unknown"


def _refuse_unreadable() -> None:
    if UNREADABLE in request.environ:
        raise BadRequest


def _protect(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _plain_error(error: HTTPException) -> ResponseReturnValue:
    return {"error": error.name}, error.code or 500


def _failed(_error: Exception) -> ResponseReturnValue:
    """Log the error's sort and place alone: its message may quote a person."""
    _log.exception("request failed", endpoint=request.endpoint)
    return {"error": Refusal.FAILED.value}, 500
