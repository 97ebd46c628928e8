"""Vouchers: making a batch, printing its sheet, revoking it."""

import datetime as dt

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from analytics.dashboard import sources, vouchers
from analytics.dashboard.parts import wired
from core import clock, voucher_code
from core.log import Log
from gate.client import GateError

pages = Blueprint("vouchers", __name__)

_log = Log("dashboard")


@pages.get("/vouchers")
def page() -> ResponseReturnValue:
    return _page()


@pages.post("/vouchers")
def make() -> ResponseReturnValue:
    parts = wired()
    form, wrong = vouchers.read(request.form)
    if form is None:
        return _page(wrong=wrong), 422
    zone = parts.settings.store.zone
    number = vouchers.make(parts.database, parts.sealer, form, zone, parts.clock())
    _log.info("vouchers made", batch=number, count=form.number)
    return redirect(url_for("vouchers.page"), 303)


@pages.post("/vouchers/<int:number>/revoke")
def revoke(number: int) -> ResponseReturnValue:
    parts = wired()
    try:
        ended = vouchers.revoke(parts.database, parts.sealer, parts.gate, number, parts.clock())
    except GateError as error:
        _log.error("vouchers revoked, but not everybody is offline", reason=str(error))
        return _page(not_cut=True), 503
    _log.info("vouchers revoked", batch=number, ended=ended)
    return redirect(url_for("vouchers.page"), 303)


@pages.get("/vouchers/<int:number>/print")
def sheet(number: int) -> ResponseReturnValue:
    parts = wired()
    found = vouchers.codes(parts.database, parts.sealer, number)
    if found is None:
        abort(404)
    batch, codes = found
    portal_url = parts.settings.portal.url
    slips = [
        (voucher_code.printed(code), Markup(sources.qr_drawing(vouchers.address(portal_url, code))))  # noqa: S704 - segno's drawing of our own address
        for code in codes
    ]
    last = batch.expires_at - dt.timedelta(seconds=1)
    day = clock.store_day(last, parts.settings.store.zone)
    return render_template("voucher_sheet.html", batch=batch, slips=slips, last_day=day)


def _page(*, wrong: frozenset[str] = frozenset(), not_cut: bool = False) -> str:
    parts = wired()
    return render_template(
        "vouchers.html",
        lines=vouchers.found(parts.database),
        bounds=vouchers.BOUNDS,
        wrong=wrong,
        not_cut=not_cut,
        typed=request.form,
        is_open=parts.settings.ways.voucher,
        now=parts.clock(),
    )
