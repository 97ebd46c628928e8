"""The member list, and the page that erases one who asks for it at the counter."""

import dataclasses

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import audit_subject, language, members
from analytics.dashboard.parts import wired
from core import erasure
from core.log import Log

pages = Blueprint("members", __name__)

_log = Log("dashboard")


@pages.get("/members")
def page() -> ResponseReturnValue:
    parts = wired()
    number = request.args.get("page", 1, type=int)
    found = members.page(parts.database, parts.sealer, number)
    return render_template(
        "members.html", found=found, was_erased=request.args.get("erased") == "yes"
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
