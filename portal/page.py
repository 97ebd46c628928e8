"""Turns a template and a language into an answer."""

import functools
import hashlib
from pathlib import Path

from flask import Response, make_response, redirect, render_template, url_for
from flask_babel import force_locale
from werkzeug.wrappers import Response as AnyResponse

from core import texts
from portal.visitor import Visitor, wired

# Chinese and Japanese put no space between sentences.
_SPACED = frozenset({"en", "ko"})


def render(template: str, language: str, status: int = 200, **values: object) -> Response:
    parts = wired()
    with force_locale(str(texts.locale(language))):
        body = render_template(
            template,
            t=functools.partial(parts.texts.text, language),
            lang=language,
            tag=texts.tag,
            languages=texts.LANGUAGES,
            # Between a sentence and what follows it.
            gap=" " if language in _SPACED else "",
            store=parts.settings.store.name,
            style=url_for("static", filename="portal.css", v=style_version()),
            **values,
        )
    response = make_response(body, status)
    response.content_language.add(texts.tag(language))
    response.vary.add("Accept-Language")
    return response


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
