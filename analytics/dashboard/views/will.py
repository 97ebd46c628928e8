"""What a member asks the staff to do who cannot, or will not, open "My data" on a phone of theirs.

The same as there and by the same code: end one consent, hand over the file of all that is known.
Who they are the staff have to make sure of; how they did goes into the audit log.
"""

import datetime as dt

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import audit, audit_subject, download, language, members
from analytics.dashboard.parts import wired
from core.log import Log
from core.members import data_export, dossier, withdrawal
from core.models.consent import Purpose, Via

pages = Blueprint("will", __name__)

# Membership ends by erasing; who withdraws the terms is offline, which `/my-data` sees to.
WITHDRAWN_HERE = (Purpose.MARKETING, Purpose.VISIT_ANALYTICS)

_DAY = dt.timedelta(days=1)
_log = Log("dashboard")


@pages.get("/members/<member>/will")
def page(member: str) -> ResponseReturnValue:
    return _page(member)


@pages.post("/members/withdraw-marketing")
def withdraw_marketing() -> ResponseReturnValue:
    return _withdraw(Purpose.MARKETING)


@pages.post("/members/withdraw-visits")
def withdraw_visits() -> ResponseReturnValue:
    return _withdraw(Purpose.VISIT_ANALYTICS)


@pages.post("/members/export")
def export() -> ResponseReturnValue:
    """The file is as the member would get it: nothing in it is masked."""
    parts, now = wired(), wired().clock()
    member = request.form.get("member", "")
    if not _is_proven():
        return _page(member, fault="reason"), 422
    most = parts.settings.dashboard.reveals_a_day
    # This one is among them: it was written down first.
    if audit.count(parts.database, g.user_name, "will.export", now - _DAY) > most:
        return _page(member, fault="too_many"), 429
    with parts.database.reading() as session:
        found = dossier.of_member(session, parts.sealer, member)
        if found is None:
            abort(404)
        store_id = parts.settings.store.id
        made = data_export.as_file(session, parts.sealer, found, store_id=store_id, now=now)
    _log.info("a member's data exported at the counter")
    answer: Response = download.of(made, "my-data.json", "application/json")
    return answer


def _withdraw(purpose: Purpose) -> ResponseReturnValue:
    """Sent twice, it changes nothing."""
    parts, now = wired(), wired().clock()
    member = request.form.get("member", "")
    if not _is_proven():
        return _page(member, fault="reason"), 422
    with parts.database.writing() as session:
        ended = withdrawal.withdraw_of(
            session,
            parts.sealer,
            member,
            purpose,
            Via.STAFF,
            until=now,
            store_id=parts.settings.store.id,
            now=now,
        )
    if ended is None:
        abort(404)
    if ended:
        _log.info("consent withdrawn at the counter", purpose=purpose)
    return redirect(url_for("will.page", member=member, withdrawn="yes"), 303)


def _is_proven() -> bool:
    """Whether the staff say how they made sure whom they have before them."""
    return request.form.get("reason", "") in audit_subject.PROOFS


def _page(member: str, *, fault: str | None = None) -> str:
    parts, say = wired(), language.wording()
    found = members.find(parts.database, parts.sealer, member)
    if found is None:
        abort(404)
    choices = [
        (each, each and say.text(f"proof_reason.{each}")) for each in ("", *audit_subject.PROOFS)
    ]
    return render_template(
        "member_will.html",
        member=found,
        withdrawable=[each for each in WITHDRAWN_HERE if each in found.line.purposes],
        fault=fault,
        was_withdrawn=request.args.get("withdrawn") == "yes",
        proof_choices=choices,
    )
