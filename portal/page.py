"""Turns a template and a language into an answer."""

import functools
import hashlib
from pathlib import Path

from flask import Response, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from core.texts import LANGUAGES
from portal.visitor import Visitor, wired


def render(template: str, language: str, status: int = 200, **values: object) -> Response:
    parts = wired()
    body = render_template(
        template,
        t=functools.partial(parts.texts.text, language),
        lang=language,
        other_lang=next(each for each in LANGUAGES if each != language),
        store=parts.settings.store.name,
        style=url_for("static", filename="portal.css", v=style_version()),
        **values,
    )
    return make_response(body, status)


def go(path: str, visitor: Visitor) -> AnyResponse:
    """Lead on to `path` with a full navigation, upon which phones look again."""
    chosen = visitor.language if visitor.language != visitor.usual_language else None
    joint = "&" if "?" in path else "?"
    return redirect(f"{path}{joint}lang={chosen}" if chosen else path, code=303)


@functools.cache
def style_version() -> str:
    """Part of the style sheet's address, so that phones may keep it until it changes."""
    sheet = Path(__file__).parent / "static" / "portal.css"
    return hashlib.sha256(sheet.read_bytes()).hexdigest()[:8]
