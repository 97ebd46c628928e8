"""The page of a phone whose address is used by another device: show again who it is."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from core.account import AccountKind
from core.log import Log
from core.models.login import LoginWay
from gate.client import GateError
from portal import page
from portal.views import entry, steps
from portal.views.delivery import deliver
from portal.visitor import Visitor, arrive, wired
from portal.ways.limits import Refusal
from portal.ways.login import Outcome, account_of
from portal.ways.standing import Stage

bp = Blueprint("challenge", __name__)
_log = Log("portal")

# Where a login of these ways begins anew; any other at the first page.
_ENTRANCES = {LoginWay.VOUCHER: "voucher", LoginWay.SPONSOR: "sponsor"}


@bp.get("/challenge")
def show() -> ResponseReturnValue:
    return steps.challenge_page(arrive())


@bp.post("/challenge")
def answer() -> ResponseReturnValue:
    """Send a code to the account behind the grant; without one that gets codes, begin anew.

    Only when asked to, and within the limits of any code: whoever sits behind the other
    device must not be able to have messages sent for nothing.
    """
    visitor, parts = arrive(), wired()
    device, login = visitor.standing.device, visitor.standing.login
    if device is None or login is None or visitor.standing.stage is not Stage.CHALLENGE:
        return steps.go_on(visitor)
    account = account_of(parts.sealer, login)
    if account.kind not in steps.CODE_KINDS:
        return _begin_anew(visitor, login.way)
    if account.kind is AccountKind.PHONE and parts.sms is None:
        problem = parts.texts.text(visitor.language, "problem.no_sms")
        return steps.challenge_page(visitor, problem=problem, status=503)
    with parts.database.writing() as session:
        outcome = parts.login_desk.start(session, device, account, visitor.language, visitor.now)
    if isinstance(outcome, Refusal):
        problem, status = steps.explain(visitor, outcome)
        return steps.challenge_page(visitor, problem=problem, status=status)
    if isinstance(outcome, Outcome):
        return page.go("/", visitor)
    return deliver(visitor, device, outcome, again=False)


def _begin_anew(visitor: Visitor, way: LoginWay) -> ResponseReturnValue:
    """End the grant, and lead to where the same way in begins."""
    parts = wired()
    try:
        parts.admission.close(visitor.mac, visitor.now)
    except GateError as error:
        _log.error("the gate did not revoke a phone", reason=str(error))
        problem = parts.texts.text(visitor.language, "message.failed_text")
        return steps.challenge_page(visitor, problem=problem, status=503)
    name = _ENTRANCES.get(way)
    path = next((each.path for each in entry.ways(parts) if each.name == name), "/")
    return page.go(path, visitor)
