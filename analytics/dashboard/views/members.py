"""The member list, and the page that erases one who asks for it at the counter."""

import dataclasses
import datetime as dt

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import audit, audit_subject, language, members
from analytics.dashboard.parts import wired
from core import erasure
from core.log import Log

pages = Blueprint("members", __name__)

_log = Log("dashboard")
_DAY = dt.timedelta(days=1)


@pages.get("/members")
def page() -> ResponseReturnValue:
    parts = wired()
    number = request.args.get("page", 1, type=int)
    found = members.page(parts.database, parts.sealer, number)
    return render_template(
        "members.html", found=found, was_erased=request.args.get("erased") == "yes"
    )


@pages.get("/members/<member>/reveal")
def ask_reveal(member: str) -> ResponseReturnValue:
    return _reveal_page(member)


@pages.post("/members/reveal")
def reveal() -> ResponseReturnValue:
    """One member's number and address, whole: for a reason, and so many times a day."""
    parts = wired()
    member, reason = request.form.get("member", ""), request.form.get("reason", "")
    if reason not in audit_subject.REVEAL_REASONS:
        return _reveal_page(member, fault="reason"), 422
    since, most = parts.clock() - _DAY, parts.settings.dashboard.reveals_a_day
    # This one is among them: it was written down first.
    if audit.count(parts.database, g.user_name, "members.reveal", since) > most:
        return _reveal_page(member, fault="too_many"), 429
    return _reveal_page(member, whole=members.reveal(parts.database, parts.sealer, member))


def _reveal_page(
    member: str, *, whole: list[members.Whole] | None = None, fault: str | None = None
) -> str:
    parts, say = wired(), language.wording()
    found = members.find(parts.database, parts.sealer, member)
    if found is None:
        abort(404)
    reasons = ("", *audit_subject.REVEAL_REASONS)
    choices = [(each, each and say.text(f"reveal_reason.{each}")) for each in reasons]
    return render_template(
        "member_reveal.html", member=found, whole=whole, fault=fault, reason_choices=choices
    )


@pages.get("/members/<member>/erase")
def ask_erase(member: str) -> ResponseReturnValue:
    parts = wired()
    found = members.find(parts.database, parts.sealer, member)
    if found is None:
        abort(404)
    say = language.wording()
    choices = [(each, say.text(f"erase_reason.{each}")) for each in audit_subject.ERASE_REASONS]
    return render_template("member_erase.html", member=found, reason_choices=choices)


@pages.post("/members/erase")
def erase() -> ResponseReturnValue:
    """Of somebody who is gone already, the list shows as much."""
    parts = wired()
    with parts.database.writing() as session:
        erased = erasure.erase(
            session,
            parts.sealer,
            request.form.get("member", ""),
            store_id=parts.settings.store.id,
            now=parts.clock(),
        )
    if erased is not None:
        _log.info("member erased at the counter", **dataclasses.asdict(erased))
    return redirect(url_for("members.page", erased="yes"), 303)
