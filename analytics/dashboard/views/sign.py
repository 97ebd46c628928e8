"""The sign for the entrance, in Chinese and English: what is counted, by whom, how to say no."""

import functools
from collections.abc import Callable

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from analytics.dashboard import sources
from analytics.dashboard.parts import wired

pages = Blueprint("sign", __name__)

# Who walks by has chosen no language.
_LANGUAGES = ("zh", "en")


@pages.get("/sign")
def page() -> ResponseReturnValue:
    return render_template(
        "sign.html",
        said={language: _saying(language) for language in _LANGUAGES},
        is_strict=wired().settings.sensor.strict,
        address=_address(),
    )


@pages.get("/sign/qr.svg")
def qr_code() -> ResponseReturnValue:
    return Response(sources.qr_code(_address()), mimetype="image/svg+xml")


def _address() -> str:
    return f"{wired().settings.portal.url.rstrip('/')}/do-not-count"


def _saying(language: str) -> Callable[[str], str]:
    parts = wired()
    settings, texts = parts.settings, parts.texts
    return functools.partial(
        texts.text,
        language,
        store=settings.store.name,
        contact=settings.store.contact or texts.text(language, "sign.staff"),
        suppress_below=settings.traffic.suppress_below,
        days=settings.sensor.do_not_count_days,
    )
