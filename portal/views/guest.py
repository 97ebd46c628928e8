"""A guest asks the staff to be let in, and waits."""

import dataclasses

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from core.log import Log
from core.models.login import LoginWay
from core.models.sponsor_request import LASTS, Decision
from portal import devices, forms, page
from portal.views import entry, steps
from portal.visitor import Visitor, arrive, wired
from portal.ways import sponsoring
from portal.ways.limits import Refusal
from portal.ways.standing import Stage

bp = Blueprint("guest", __name__)
_log = Log("portal")

_LOOK_AGAIN_S = 5


@bp.get("/guest")
def show() -> ResponseReturnValue:
    entry.require("sponsor")
    visitor = arrive()
    login = visitor.standing.login
    is_let_in = visitor.standing.stage is Stage.CONSENT and login is not None
    if entry.is_settled(visitor) or (is_let_in and login and login.way is LoginWay.SPONSOR):
        return steps.go_on(visitor)
    if visitor.standing.stage is Stage.WAITING:
        return _waiting_page(visitor)
    return entry.show(visitor, "sponsor", problem=_how_it_ended(visitor))


@bp.post("/guest")
def ask() -> ResponseReturnValue:
    entry.require("sponsor")
    visitor, parts = arrive(), wired()
    if entry.is_settled(visitor):
        return steps.go_on(visitor)
    name, faults = forms.read_guest(request.form)
    if name is None or faults:
        return entry.show(visitor, "sponsor", typed=request.form, faults=faults, status=422)
    with parts.database.writing() as session:
        device = devices.find_or_make(session, parts.sealer, visitor.mac, visitor.now)
        asked = parts.sponsor_desk.ask(session, device, name, visitor.language, visitor.now)
    if isinstance(asked, Refusal):
        problem, status = steps.explain(visitor, asked)
        return entry.show(visitor, "sponsor", typed=request.form, problem=problem, status=status)
    _log.info("a guest asks to be let in", login=asked.login_id)
    visitor = dataclasses.replace(visitor, usual_language=visitor.language)
    return page.go("/guest", visitor)


def _waiting_page(visitor: Visitor) -> Response:
    login = visitor.standing.login
    if login is None:
        raise ValueError("nobody waits without a login")
    with wired().database.reading() as session:
        request_ = sponsoring.request_of(session, login)
    return page.render(
        "waiting.html",
        visitor.language,
        here="/guest",
        number=request_.match_number,
        minutes=int(LASTS.total_seconds() // 60),
        look_again_s=_LOOK_AGAIN_S,
    )


def _how_it_ended(visitor: Visitor) -> str:
    """What became of a request that was made a short while ago; empty if there was none."""
    login = visitor.standing.login
    if login is None or login.way is not LoginWay.SPONSOR:
        return ""
    if visitor.now >= login.started_at + 2 * LASTS:
        return ""
    with wired().database.reading() as session:
        decision = sponsoring.request_of(session, login).decision
    if decision is Decision.LET_IN:
        return ""
    key = "sponsor.refused" if decision is Decision.REFUSED else "sponsor.expired"
    return wired().texts.text(visitor.language, key)
