"""One question to shoppers, and what they chose."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import surveys
from analytics.dashboard.parts import wired
from core import texts

pages = Blueprint("surveys", __name__)


@pages.get("/surveys")
def page() -> ResponseReturnValue:
    return _page({})


@pages.post("/surveys")
def add() -> ResponseReturnValue:
    parts, form = wired(), request.form
    faults = surveys.add(
        parts.database,
        form.get("question", ""),
        form.get("answers", ""),
        form.get("language", ""),
        parts.clock(),
    )
    return (_page(faults), 422) if faults else redirect(url_for("surveys.page"), 303)


@pages.post("/surveys/<int:number>/end")
def end(number: int) -> ResponseReturnValue:
    parts = wired()
    surveys.end(parts.database, number, parts.clock())
    return redirect(url_for("surveys.page"), 303)


def _page(faults: Mapping[str, str]) -> str:
    parts = wired()
    k = parts.settings.traffic.suppress_below
    return render_template(
        "surveys.html",
        lines=surveys.lines(parts.database, k),
        languages=texts.LANGUAGES,
        faults=faults,
        typed=request.form if faults else {},
        longest=surveys.LONGEST_QUESTION,
        k=k,
    )
