"""Which language a request is answered in: asked for now, else earlier, else by the browser."""

from urllib.parse import urlencode

from flask import Response, g, request

from analytics.dashboard import guard
from analytics.dashboard.site import frame, site
from analytics.wording import Wording
from core.texts import preferred

_YEAR_S = 365 * 24 * 3600


def wording() -> Wording:
    """How to say things in this request's language."""
    ours = site()
    return Wording(ours.texts, _language(), ours.zone)


def remember(response: Response) -> Response:
    asked = request.args.get("lang")
    if asked is not None and asked in site().texts.catalogues:
        response.set_cookie(_cookie(), asked, max_age=_YEAR_S, httponly=True, samesite="Lax")
    return response


def for_templates() -> dict[str, object]:
    """What every template may use."""
    say = wording()
    others = [each for each in site().texts.catalogues if each != say.language]
    return {
        "say": say,
        "t": say.text,
        "other_language": others[0],
        "other_language_address": _address_in(others[0]),
        "site_name": site().name,
        "user_name": g.get("user_name"),
    }


def _address_in(language: str) -> str:
    """Of this page. Not by `url_for`, to which some names of arguments are commands."""
    kept = {key: value for key, value in request.args.items() if key not in {"lang", guard.AGAIN}}
    return f"{request.path}?{urlencode({'lang': language} | kept)}"


def _language() -> str:
    ours = site()
    known = ours.texts.catalogues
    for asked in (request.args.get("lang"), request.cookies.get(_cookie())):
        if asked is not None and asked in known:
            return asked
    return preferred(request.headers.get("Accept-Language"), ours.language, known.keys())


def _cookie() -> str:
    return f"{frame().cookie}_language"
