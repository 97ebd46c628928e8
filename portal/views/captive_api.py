"""The Captive Portal API (RFC 8908): a phone asks whether it is captive, and is told.

What `captive` says is what the pages say. It stays true during a temporary pass
(`portal.access.passes`): all but a few hosts are closed, and an Android would close its page on
hearing otherwise. The other members:

- `user-portal-url` in every answer: Android discards a captive one without it. The RFC
  wants it to be https; it is `portal.url` as it is set, since a phone that is told
  nothing shows nothing. (Phones ask this API over https alone, so a portal that is set
  to http is asked by tools and tests only.)
- `seconds-remaining` and `can-extend-session` only for a phone that is online. The latter
  is true while the portal's page has the button that extends the session.
- `bytes-remaining` only for a session that has a quota: as of the latest reading of the
  counters, some seconds ago.
- `venue-info-url` if the store has set one.
- `x-android-use-custom-tabs` if the store has asked for it. Android's own, and the
  number is its fixed mark (source.android.com, "Custom Tabs for captive portals").

Whoever does not ask for this type but for HTML is a person with a browser, and is led to
the portal.
"""

import json

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from portal.access import grants
from portal.visitor import UnknownNeighbourError, arrive, wired
from portal.ways.standing import Stage

bp = Blueprint("captive_api", __name__)

_TYPE = "application/captive+json"
_CUSTOM_TABS = 361335020
# `Cache-Control: no-store` is set by the application.
_HEADERS = {"Content-Type": _TYPE, "Vary": "Accept"}


@bp.get("/captive-portal/api")
def state() -> ResponseReturnValue:
    if _is_browser(request.headers.get("Accept", "")):
        answer = redirect(_first_page(), code=302)
        answer.headers["Vary"] = "Accept"
        return answer
    return json.dumps(_about_store() | _about_phone()), 200, _HEADERS


def _is_browser(accept: str) -> bool:
    # By containment: phones add other types, parameters and weights.
    accept = accept.lower()
    return "text/html" in accept and _TYPE not in accept


def _first_page() -> str:
    return wired().settings.portal.url.rstrip("/") + "/"


def _about_phone() -> dict[str, object]:
    try:
        visitor = arrive()
    except UnknownNeighbourError:
        return {"captive": True}
    grant = visitor.standing.grant
    if visitor.standing.stage is not Stage.ONLINE or grant is None:
        return {"captive": True}
    about: dict[str, object] = {
        "captive": False,
        "seconds-remaining": int((grant.expires_at - visitor.now).total_seconds()),
        "can-extend-session": grants.may_extend(grant, visitor.now),
    }
    left = grants.bytes_left(grant)
    return about if left is None else about | {"bytes-remaining": left}


def _about_store() -> dict[str, object]:
    portal = wired().settings.portal
    about: dict[str, object] = {"user-portal-url": _first_page()}
    if portal.venue_url:
        about["venue-info-url"] = portal.venue_url
    if portal.custom_tabs:
        about["x-android-use-custom-tabs"] = _CUSTOM_TABS
    return about
