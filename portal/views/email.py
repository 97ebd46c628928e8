"""Login by a code in a mail: the page that asks for the address."""

import dataclasses

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from core.account import Account, AccountKind
from portal import devices, forms, page
from portal.views import entry, last_session, steps
from portal.views.delivery import deliver
from portal.visitor import arrive, wired
from portal.ways.limits import Refusal
from portal.ways.login import Outcome

bp = Blueprint("email", __name__)


@bp.get("/email")
def show() -> ResponseReturnValue:
    entry.require("email")
    visitor = arrive()
    return steps.go_on(visitor) if entry.is_settled(visitor) else entry.show(visitor, "email")


@bp.post("/email")
def log_in() -> ResponseReturnValue:
    entry.require("email")
    visitor, parts = arrive(), wired()
    if entry.is_settled(visitor):
        return steps.go_on(visitor)
    if last_session.data_are_spent(visitor):
        return steps.phone_page(visitor, status=429)
    address, faults = forms.read_email(request.form)
    if address is None or faults:
        return entry.show(visitor, "email", typed=request.form, faults=faults, status=422)
    account = Account(AccountKind.EMAIL, address.text())
    with parts.database.writing() as session:
        device = devices.find_or_make(session, parts.sealer, visitor.mac, visitor.now)
        outcome = parts.login_desk.start(session, device, account, visitor.language, visitor.now)
    if isinstance(outcome, Refusal):
        problem, status = steps.explain(visitor, outcome)
        return entry.show(visitor, "email", typed=request.form, problem=problem, status=status)
    visitor = dataclasses.replace(visitor, usual_language=visitor.language)
    if isinstance(outcome, Outcome):
        return page.go("/consent" if outcome is Outcome.PROVEN else "/code", visitor)
    return deliver(visitor, device, outcome, again=False)
