"""The notice: what is kept of a shopper, why, how long, and whom to ask."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from core.models.consent import Purpose
from portal import page
from portal.visitor import asked_language, browser_language, wired

bp = Blueprint("notice", __name__)


@bp.get("/privacy")
def show() -> ResponseReturnValue:
    """Readable by anyone, wherever they stand."""
    parts = wired()
    language = asked_language(request.args) or browser_language()
    return page.render(
        "notice.html",
        language,
        here="/privacy",
        contact=parts.settings.store.contact,
        # Under which whoever agrees to the terms now has their consent kept.
        version=parts.wordings.version(language, Purpose.TERMS),
    )


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    return "User-agent: *\nDisallow: /\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/favicon.ico")
def icon() -> ResponseReturnValue:
    """Pages carry their own; this stops browsers that ask anyway from asking again."""
    return "no icon here\n", 404, {"Content-Type": "text/plain; charset=utf-8"}
