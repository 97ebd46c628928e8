"""The one page that headquarters shows to shoppers: what happened, and the way back."""

from flask import Response, make_response, render_template

from core.texts import tag
from hq.parts import wired


def message(name: str, language: str, status: int, back: str | None = None) -> Response:
    """`back`: the store's portal, where it is known."""
    catalogue = wired().texts
    words = {
        key: catalogue.text(language, f"page.{text}")
        for key, text in (("title", name), ("text", f"{name}_text"), ("back", "back"))
    }
    body = render_template("message.html", words=words, address=back, lang=tag(language))
    response = make_response(body, status)
    response.content_language.add(tag(language))
    return response
