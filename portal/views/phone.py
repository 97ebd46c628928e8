"""First page: the phone number, and the terms."""

import dataclasses

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from core.account import Account
from portal import devices, forms, page
from portal.views import first_sight, last_session, steps
from portal.views.delivery import deliver
from portal.views.source import enter_by_source
from portal.visitor import arrive, wired
from portal.ways.limits import Refusal
from portal.ways.login import Outcome
from portal.ways.standing import Stage

bp = Blueprint("phone", __name__)


@bp.get("/")
def show() -> ResponseReturnValue:
    visitor = arrive()
    first_sight.count(visitor)
    if enter_by_source(visitor):
        # Under an address without the code: one that is opened again is no new visit.
        return steps.go_on(visitor)
    standing = visitor.standing
    under_way = {Stage.WECHAT, Stage.CODE, Stage.WAITING, Stage.CONSENT}
    may_change = standing.grant is None and standing.stage in under_way
    changing = may_change and "change" in request.args
    if visitor.standing.stage is Stage.PHONE or changing:
        return steps.phone_page(visitor)
    return steps.go_on(visitor)


@bp.get("/login")
@bp.get("/resend")
@bp.get("/logout")
def go_back() -> ResponseReturnValue:
    """A sheet that is reopened asks again for where its last form went."""
    return steps.go_on(arrive())


@bp.post("/login")
def log_in() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    if not parts.settings.ways.sms:
        abort(404)
    if visitor.standing.grant is not None:
        return steps.go_on(visitor)
    form = forms.read_phone(request.form, parts.settings.store.countries)
    spent = last_session.data_are_spent(visitor)
    if spent or form.phone is None or form.faults:
        status = 429 if spent else 422
        return steps.phone_page(visitor, typed=request.form, faults=form.faults, status=status)
    if parts.sms is None:
        problem = parts.texts.text(visitor.language, "problem.no_sms")
        return steps.phone_page(visitor, typed=request.form, problem=problem, status=503)

    with parts.database.writing() as session:
        device = devices.find_or_make(session, parts.sealer, visitor.mac, visitor.now)
        account = Account.of_phone(form.phone)
        outcome = parts.login_desk.start(session, device, account, visitor.language, visitor.now)
    if isinstance(outcome, Refusal):
        problem, status = steps.explain(visitor, outcome)
        return steps.phone_page(visitor, typed=request.form, problem=problem, status=status)
    # From here on this login's language is the usual one.
    visitor = dataclasses.replace(visitor, usual_language=visitor.language)
    if isinstance(outcome, Outcome):
        return page.go("/consent" if outcome is Outcome.PROVEN else "/code", visitor)
    return deliver(visitor, device, outcome, again=False)
