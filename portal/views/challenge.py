"""The page of a phone whose address is used by another device: enter a code again."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal import page
from portal.limits import Refusal
from portal.login import Outcome
from portal.standing import Stage
from portal.views import steps
from portal.views.delivery import deliver
from portal.visitor import arrive, wired

bp = Blueprint("challenge", __name__)


@bp.get("/challenge")
def show() -> ResponseReturnValue:
    return steps.challenge_page(arrive())


@bp.post("/challenge")
def send_code() -> ResponseReturnValue:
    """To the number behind the grant. Only when asked to, and within the limits of any code:
    whoever sits behind the other device must not be able to have messages sent for nothing.
    """
    visitor, parts = arrive(), wired()
    device, login = visitor.standing.device, visitor.standing.login
    if device is None or login is None or visitor.standing.stage is not Stage.CHALLENGE:
        return steps.go_on(visitor)
    if parts.sms is None:
        problem = parts.texts.text(visitor.language, "problem.no_sms")
        return steps.challenge_page(visitor, problem=problem, status=503)
    phone = parts.login_desk.phone_of(login)
    with parts.database.writing() as session:
        outcome = parts.login_desk.start(session, device, phone, visitor.language, visitor.now)
    if isinstance(outcome, Refusal):
        problem, status = steps.explain(visitor, outcome)
        return steps.challenge_page(visitor, problem=problem, status=status)
    if isinstance(outcome, Outcome):
        return page.go("/", visitor)
    return deliver(visitor, device, parts.sms, outcome, again=False)
