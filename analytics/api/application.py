"""The web application that programs read figures from: a token, a question, JSON.

It stands beside the dashboard in the same process, knows no session and no form, and answers
nothing but its document without a good token. Addresses are those of `questions`.
"""

import dataclasses
import datetime as dt
import functools
import http
import json
import re

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, HTTPException

from analytics.api import document, questions, tokens
from analytics.api.questions import BadQuestionError, Question, Source
from core.request_target import UNREADABLE, ReadableTarget
from core.sealing import Sealer

DOCUMENT = "/openapi.json"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    source: Source
    sealer: Sealer


def create_app(parts: Parts) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.wsgi_app = ReadableTarget(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented place for middleware
    app.before_request(_refuse_unreadable)
    app.before_request(functools.partial(_refuse_strangers, parts))
    app.after_request(_protect)
    app.register_error_handler(HTTPException, _problem)
    text = json.dumps(document.build(), ensure_ascii=False, indent=1)
    app.add_url_rule(
        DOCUMENT, "document", lambda: Response(text, mimetype="application/json"), methods=["GET"]
    )
    for each in questions.QUESTIONS:
        address = each.path.replace("{", "<").replace("}", ">")
        app.add_url_rule(address, each.name, functools.partial(_answer, parts, each))
    return app


def _refuse_unreadable() -> None:
    if UNREADABLE in request.environ:
        raise BadRequest


def _refuse_strangers(parts: Parts) -> ResponseReturnValue | None:
    if request.endpoint == "document" or request.routing_exception is not None:
        return None
    given = request.authorization
    token = given.token if given and given.type == "bearer" else None
    now = parts.source.clock()
    today = parts.source.settings.today(now)
    if token and tokens.is_good(parts.source.database, parts.sealer, token, now, today):
        return None
    response = _refusal(401, "show a token of the dashboard: `Authorization: Bearer ...`")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _answer(parts: Parts, question: Question, **in_path: str) -> ResponseReturnValue:
    try:
        found = question.ask(parts.source, _days(question, in_path))
    except BadQuestionError as error:
        return _refusal(422, str(error))
    if found is None:
        return _refusal(404, "nothing is known of that")
    return Response(question.answer.dump_json(found), mimetype="application/json")


def _days(question: Question, in_path: dict[str, str]) -> dict[str, dt.date]:
    """The parameters, all of them and no others."""
    given = {**request.args.to_dict(flat=False), **{name: [day] for name, day in in_path.items()}}
    known = [each.name for each in question.parameters]
    if given.keys() - set(known):
        raise BadQuestionError(f"there is no such parameter here; known: {', '.join(known)}")
    days = {}
    for name in known:
        try:
            [day] = given.get(name, [])
            days[name] = _date(day)
        except ValueError as error:
            raise BadQuestionError(f"`{name}` has to be one date such as 2026-05-16") from error
    return days


def _date(text: str) -> dt.date:
    """Of RFC 3339 alone: Python reads more than the form that is documented."""
    if not _DAY.fullmatch(text):
        raise ValueError("not a date of RFC 3339")
    return dt.date.fromisoformat(text)


def _protect(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _problem(error: HTTPException) -> ResponseReturnValue:
    response = _refusal(error.code or 500)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _refusal(status: int, detail: str | None = None) -> Response:
    """RFC 9457."""
    body: dict[str, object] = {"title": http.HTTPStatus(status).phrase, "status": status}
    if detail:
        body["detail"] = detail
    return Response(json.dumps(body), status, mimetype="application/problem+json")
