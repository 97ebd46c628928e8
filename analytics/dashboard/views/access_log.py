"""The law's log: how it stands, and exports of it for the police.

Nothing of whom it is about is shown here: that is in the file alone, which is given to whoever
asked for it, once a second person has agreed where that is set.
"""

import dataclasses
import datetime as dt
import io

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from access_log import anchoring, answers, clock_state, days, export, requests, verified
from access_log.answers import FlowLogError
from access_log.requests import Desk, GoneError, NotAgreedError, SamePersonError
from analytics.dashboard import access_log_form, download
from analytics.dashboard.access_log_form import AccessLogForm
from analytics.dashboard.parts import wired
from analytics.figures import csv_table
from core.mac import Mac
from core.phone_number import PhoneNumber

pages = Blueprint("access_log", __name__)

_EMPTY = AccessLogForm({}, {}, None)
_FORMS = {"csv": "text/csv", "json": "application/json"}


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A request as the page shows it."""

    request: requests.Request
    about: str
    """What it asks for, with what is personal masked."""
    is_mine: bool


@pages.get("/access-log")
def page() -> ResponseReturnValue:
    return _page()


@pages.post("/access-log/requests")
def ask() -> ResponseReturnValue:
    parts = wired()
    store = parts.settings.store
    form = access_log_form.read(request.form, store.zone, store.countries)
    if form.wanted is None:
        return _page(form), 422
    _desk().ask(form.wanted, g.user_name, parts.clock())
    return redirect(url_for("access_log.page"), 303)


@pages.post("/access-log/requests/<int:number>/approve")
def approve(number: int) -> ResponseReturnValue:
    return _decide(number, approve=True)


@pages.post("/access-log/requests/<int:number>/refuse")
def refuse(number: int) -> ResponseReturnValue:
    return _decide(number, approve=False)


@pages.post("/access-log/requests/<int:number>/file")
def file(number: int) -> ResponseReturnValue:
    """The file of one's own request. That it is given out is in the log before."""
    parts, desk, now = wired(), _desk(), wired().clock()
    form = request.form.get("format", "csv")
    found = desk.find(number, now)
    if found is None or form not in _FORMS:
        abort(404)
    try:
        wanted = desk.give_out(number, g.user_name, now, form)
        answer = answers.find(parts.settings, parts.database, parts.sealer, wanted)
    except GoneError:
        return _page(fault="gone"), 409
    except NotAgreedError:
        return _page(fault="not_agreed"), 409
    except FlowLogError:
        return _page(fault="flows"), 409
    out = io.StringIO()
    if form == "json":
        about = answers.about(parts.database, wanted, g.user_name, found.decided_by, now)
        export.as_json(answer.rows, about, out)
    else:
        out.write(csv_table.BOM)
        export.as_csv(answer.rows, out)
    return download.of(out.getvalue(), f"access-log-{number}.{form}", _FORMS[form])


def _decide(number: int, *, approve: bool) -> ResponseReturnValue:
    try:
        _desk().decide(number, g.user_name, wired().clock(), approve=approve)
    except SamePersonError:
        return _page(fault="same_person"), 409
    except GoneError:
        return _page(fault="gone"), 409
    return redirect(url_for("access_log.page"), 303)


def _desk() -> Desk:
    parts = wired()
    rules = parts.settings.access_log
    lifetime = dt.timedelta(hours=rules.request_hours)
    return Desk(parts.database, parts.sealer, rules.four_eyes, lifetime)


def _page(form: AccessLogForm = _EMPTY, fault: str | None = None) -> str:
    parts, now = wired(), wired().clock()
    rules = parts.settings.access_log
    return render_template(
        "access_log.html",
        standing=days.standing(parts.database),
        head=anchoring.head(parts.database),
        days_kept=rules.days,
        verified=verified.read(parts.settings.data_dir).get(verified.ACCESS_LOG),
        clock=clock_state.last(parts.database, parts.sealer),
        lines=[_line(each) for each in _desk().listed(now)],
        four_eyes=rules.four_eyes,
        hours=rules.request_hours,
        typed=form.typed,
        faults=form.faults,
        longest=access_log_form.LONGEST,
        fault=fault,
    )


def _line(found: requests.Request) -> Line:
    return Line(found, _about(found), requests.is_same(found.asked_by, g.user_name))


def _about(found: requests.Request) -> str:
    wanted = found.wanted
    if wanted is None:
        return ""
    said = [
        PhoneNumber.from_e164(wanted.phone).masked() if wanted.phone else "",
        Mac.parse(wanted.mac).masked() if wanted.mac else "",
        wanted.session or "",
        f"{wanted.public} : {wanted.public_port}" if wanted.public else "",
    ]
    return " · ".join(each for each in said if each)
