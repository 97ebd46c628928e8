"""Lists of members made by hand."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import groups
from analytics.dashboard.parts import wired

pages = Blueprint("groups", __name__)


@pages.get("/groups")
def page() -> ResponseReturnValue:
    return _page(request.args.get("unknown", type=int))


@pages.post("/groups")
def extend() -> ResponseReturnValue:
    parts, form = wired(), request.form
    unknown = groups.extend(
        parts.database,
        parts.sealer,
        form.get("name", ""),
        form.get("numbers", ""),
        countries=parts.settings.store.countries,
        now=parts.clock(),
    )
    if unknown is None:
        return _page(None, is_wrong=True), 422
    return redirect(url_for("groups.page", unknown=unknown), 303)


@pages.post("/groups/<int:number>/remove")
def remove(number: int) -> ResponseReturnValue:
    groups.remove(wired().database, number)
    return redirect(url_for("groups.page"), 303)


def _page(unknown: int | None, *, is_wrong: bool = False) -> str:
    return render_template(
        "groups.html",
        lines=groups.lines(wired().database),
        unknown=unknown,
        is_wrong=is_wrong,
        name=request.form.get("name", "") if is_wrong else "",
        longest=groups.LONGEST_NAME,
    )
