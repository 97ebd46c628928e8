"""What programs read the store's figures and metrics with."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.api import document, tokens
from analytics.dashboard import language
from analytics.dashboard.parts import wired
from core.models.api_token import Scope

pages = Blueprint("tokens", __name__)


@pages.get("/tokens")
def page() -> ResponseReturnValue:
    return _page()


@pages.post("/tokens")
def make() -> ResponseReturnValue:
    """Shown in the answer itself, once: nothing that keeps addresses or pages keeps it."""
    parts, form = wired(), request.form
    try:
        made = tokens.make(
            parts.database,
            parts.sealer,
            form.get("name", ""),
            form.get("days", 0, type=int),
            parts.clock(),
            scope=Scope(form.get("scope", Scope.FIGURES)),
        )
    except ValueError:
        return _page(is_wrong=True), 422
    return _page(made)


@pages.post("/tokens/<int:number>/revoke")
def revoke(number: int) -> ResponseReturnValue:
    tokens.revoke(wired().database, number)
    return redirect(url_for("tokens.page"), 303)


def _page(made: str | None = None, *, is_wrong: bool = False) -> str:
    parts = wired()
    return render_template(
        "tokens.html",
        lines=tokens.everyone(parts.database),
        made=made,
        is_wrong=is_wrong,
        now=parts.clock(),
        base=document.BASE,
        longest=tokens.LONGEST_NAME,
        scopes=[(each, language.wording().text(f"tokens.scope_{each}")) for each in Scope],
        choices=[
            (days, language.wording().text("tokens.days", days=days)) for days in tokens.VALID_DAYS
        ],
    )
