"""Second page: the code from the text message."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core.log import Log
from core.metrics import counted
from core.models.grant import Grant
from core.models.login import LoginWay
from portal import forms, page
from portal.clones import challenges
from portal.forms import Fault
from portal.sms.shape import SmsError
from portal.views import delivery, entry, steps
from portal.views.online import admit
from portal.visitor import Visitor, arrive, wired
from portal.ways.limits import Refusal
from portal.ways.login import Outcome, Try, Verdict
from portal.ways.standing import Stage

bp = Blueprint("code", __name__)
_log = Log("portal")


@bp.get("/code")
def show() -> ResponseReturnValue:
    return steps.code_page(arrive(), sent_again=request.args.get("sent") == "again")


@bp.post("/code")
def check() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device, login = visitor.standing.device, visitor.standing.login
    if device is None or login is None or visitor.standing.stage is not Stage.CODE:
        return steps.go_on(visitor)
    code = forms.read_code(request.form)
    if code is None:
        fault = parts.texts.text(visitor.language, f"fault.{Fault.CODE_MALFORMED}")
        return steps.code_page(visitor, fault=fault, status=422)
    try:
        carrier_says = delivery.carrier_says(login, code)
    except SmsError as error:
        _log.error("the carrier did not check a code", reason=str(error))
        problem = parts.texts.text(visitor.language, "problem.check_down")
        return steps.code_page(visitor, problem=problem, status=503)
    # A code that fits opens nothing yet: a grant follows, and puts this on disk with it. But one
    # that was on hold is let go here.
    with parts.database.writing(durable=visitor.standing.grant is not None) as session:
        tried = parts.login_desk.verify(
            session, device, code, visitor.now, carrier_says=carrier_says
        )
        lifted = _lift(session, visitor, tried)
    if tried is not None:
        counted.LOGINS.add(login.way, f"{tried.verdict}_code")
    return admit(visitor, lifted) if lifted else _answer(visitor, tried)


@bp.post("/resend")
def resend() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if device is None or visitor.standing.stage is not Stage.CODE:
        return steps.go_on(visitor)
    with parts.database.writing() as session:
        outcome = parts.login_desk.resend(session, device, visitor.now)
    if isinstance(outcome, Refusal):
        problem, status = steps.explain(visitor, outcome)
        return steps.code_page(visitor, problem=problem, status=status)
    if isinstance(outcome, Outcome):
        return page.go("/", visitor)
    return delivery.deliver(visitor, device, outcome, again=True)


def _lift(session: Session, visitor: Visitor, tried: Try | None) -> Grant | None:
    """The grant that was on hold until this code, if one was."""
    standing = visitor.standing
    is_right = tried is not None and tried.verdict is Verdict.RIGHT
    if not is_right or standing.grant is None or standing.login is None:
        return None
    return challenges.lift(
        session, wired().sealer, standing.grant.id, standing.login.id, visitor.now
    )


def _answer(visitor: Visitor, tried: Try | None) -> ResponseReturnValue:
    if tried is None:
        return page.go("/", visitor)
    if tried.verdict is Verdict.RIGHT:
        return page.go("/consent", visitor)
    text = wired().texts.text(visitor.language, f"tried.{tried.verdict}", left=tried.left)
    if tried.verdict is Verdict.LOCKED:
        login = visitor.standing.login
        _log.warning("login locked after wrong codes", login=login.id if login else None)
        if visitor.standing.grant is not None:
            return steps.challenge_page(arrive(), problem=text, status=429)
        if login is not None and login.way is LoginWay.EMAIL:
            return entry.show(visitor, "email", problem=text, status=429)
        return steps.phone_page(visitor, problem=text, status=429)
    return steps.code_page(visitor, fault=text, status=422)
