"""A member's phone goes on with one tap, or is forgotten."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from core.log import Log
from gate.client import GateError
from portal import page
from portal.views import entry, steps
from portal.views.online import admit, failed_page
from portal.visitor import arrive, wired
from portal.ways.limits import Refusal

bp = Blueprint("returning", __name__)
_log = Log("portal")


@bp.post("/continue")
def go_on() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if entry.is_settled(visitor) or device is None:
        return steps.go_on(visitor)
    with parts.database.writing() as session:
        settled = parts.return_desk.go_on(session, device, visitor.language, visitor.now)
    if isinstance(settled, Refusal):
        problem, status = steps.explain(visitor, settled)
        return steps.phone_page(visitor, problem=problem, status=status)
    return admit(visitor, settled) if settled else steps.go_on(visitor)


@bp.post("/forget")
def forget() -> ResponseReturnValue:
    """Log out, and let nobody go on with this phone's earlier logins."""
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if device is None or visitor.standing.grant is None:
        return steps.go_on(visitor)
    with parts.database.writing() as session:
        parts.return_desk.forget(session, device, visitor.now)
    try:
        parts.admission.close(visitor.mac, visitor.now)
    except GateError as error:
        _log.error("the gate did not revoke a phone", reason=str(error))
        return failed_page(visitor)
    return page.go("/", visitor)


@bp.get("/continue")
@bp.get("/forget")
def go_back() -> ResponseReturnValue:
    """A sheet that is reopened asks again for where its last form went."""
    return steps.go_on(arrive())
