"""Third page: what the shopper wishes beyond the Wi-Fi, and the step online."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal import forms
from portal.views import steps
from portal.views.online import admit
from portal.visitor import arrive, wired
from portal.ways.agreement import Choice
from portal.ways.limits import Refusal
from portal.ways.standing import Stage

bp = Blueprint("consent", __name__)


@bp.get("/consent")
def show() -> ResponseReturnValue:
    visitor = arrive()
    if visitor.standing.stage is not Stage.CONSENT:
        return steps.go_on(visitor)
    return steps.consent_page(visitor)


@bp.post("/consent")
def agree() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    standing = visitor.standing
    if standing.stage is Stage.CONNECT and standing.grant:
        # Sent again because the gate failed the first time: all is on disk already.
        return admit(visitor, standing.grant)
    if standing.stage is not Stage.CONSENT or standing.device is None:
        return steps.go_on(visitor)
    choice = Choice(forms.read_choices(request.form), visitor.language)
    with parts.database.writing() as session:
        settled = parts.agreement.settle(session, standing.device, choice, visitor.now)
    if isinstance(settled, Refusal):
        problem, status = steps.explain(visitor, settled)
        return steps.consent_page(visitor, problem=problem, status=status)
    # Only now, once the consents are on disk: better a shopper offline than one online
    # whom we cannot show to have agreed.
    return admit(visitor, settled) if settled else steps.go_on(arrive())
