"""Second page: the code from the text message."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from core.log import Log
from portal import forms, page
from portal.forms import Fault
from portal.limits import Refusal
from portal.login import Outcome, Try, Verdict
from portal.standing import Stage
from portal.views import steps
from portal.views.delivery import deliver
from portal.visitor import Visitor, arrive, wired

bp = Blueprint("code", __name__)
_log = Log("portal")


@bp.get("/code")
def show() -> ResponseReturnValue:
    return steps.code_page(arrive(), sent_again=request.args.get("sent") == "again")


@bp.post("/code")
def check() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if device is None or visitor.standing.stage is not Stage.CODE:
        return steps.go_on(visitor)
    code = forms.read_code(request.form)
    if code is None:
        fault = parts.texts.text(visitor.language, f"fault.{Fault.CODE_MALFORMED}")
        return steps.code_page(visitor, fault=fault, status=422)
    with parts.database.writing() as session:
        tried = parts.login_desk.verify(session, device, code, visitor.now)
    return _answer(visitor, tried)


@bp.post("/resend")
def resend() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if device is None or parts.sms is None or visitor.standing.stage is not Stage.CODE:
        return steps.go_on(visitor)
    with parts.database.writing() as session:
        outcome = parts.login_desk.resend(session, device, visitor.now)
    if isinstance(outcome, Refusal):
        problem, status = steps.explain(visitor, outcome)
        return steps.code_page(visitor, problem=problem, status=status)
    if isinstance(outcome, Outcome):
        return page.go("/", visitor)
    return deliver(visitor, device, parts.sms, outcome, again=True)


def _answer(visitor: Visitor, tried: Try | None) -> ResponseReturnValue:
    if tried is None:
        return page.go("/", visitor)
    if tried.verdict is Verdict.RIGHT:
        return page.go("/consent", visitor)
    text = wired().texts.text(visitor.language, f"tried.{tried.verdict}", left=tried.left)
    if tried.verdict is Verdict.LOCKED:
        login = visitor.standing.login
        _log.warning("login locked after wrong codes", login=login.id if login else None)
        return steps.phone_page(visitor, problem=text, status=429)
    return steps.code_page(visitor, fault=text, status=422)
