"""Login by voucher: one page, and online."""

import dataclasses

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from core import voucher_code
from core.metrics import counted
from core.models.login import LoginWay
from portal import devices, forms
from portal.views import entry, steps
from portal.views.online import admit
from portal.visitor import arrive, wired
from portal.ways.limits import Refusal
from portal.ways.vouchers import VoucherFault

bp = Blueprint("voucher", __name__)


@bp.get("/voucher")
def show() -> ResponseReturnValue:
    """With the code filled in, if it comes from a printed QR code."""
    entry.require("voucher")
    visitor = arrive()
    if entry.is_settled(visitor):
        return steps.go_on(visitor)
    code = voucher_code.read(request.args.get("code", ""))
    typed = {"voucher": voucher_code.printed(code)} if code else {}
    return entry.show(visitor, "voucher", typed=typed)


@bp.post("/voucher")
def redeem() -> ResponseReturnValue:
    entry.require("voucher")
    visitor, parts = arrive(), wired()
    if entry.is_settled(visitor):
        return steps.go_on(visitor)
    code, faults = forms.read_voucher(request.form)
    if code is None or faults:
        return entry.show(visitor, "voucher", typed=request.form, faults=faults, status=422)
    with parts.database.writing() as session:
        device = devices.find_or_make(session, parts.sealer, visitor.mac, visitor.now)
        settled = parts.voucher_desk.redeem(session, device, code, visitor.language, visitor.now)
    if isinstance(settled, VoucherFault):
        counted.LOGINS.add(LoginWay.VOUCHER, "wrong_code")
        problem = parts.texts.text(visitor.language, f"voucher_fault.{settled}")
        status = 429 if settled is VoucherFault.TOO_MANY else 422
        return entry.show(visitor, "voucher", typed=request.form, problem=problem, status=status)
    if isinstance(settled, Refusal):
        problem, status = steps.explain(visitor, settled)
        return entry.show(visitor, "voucher", typed=request.form, problem=problem, status=status)
    visitor = dataclasses.replace(visitor, usual_language=visitor.language)
    return admit(visitor, settled)
