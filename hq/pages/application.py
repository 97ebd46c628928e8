"""Builds the fleet's pages from their parts."""

import unicodedata

from flask import Flask, request
from werkzeug.exceptions import BadRequest

from analytics.dashboard import serving
from analytics.dashboard.site import Frame
from analytics.dashboard.views import account, audit, sign_in
from hq.pages import roles
from hq.pages.parts import FOLDER, Parts
from hq.pages.views import fleet, health, maps, regions, store

_GROUPS = {
    "figures_of": ("fleet", "regions", "map"),
    "appliance": ("health", "audit"),
}
_VIEWS = (sign_in, account, fleet, regions, maps, store, health, audit)


def create_app(parts: Parts) -> Flask:
    frame = Frame(
        home="fleet.page",
        cookie="doorman_fleet",
        rights=roles.RIGHTS,
        groups=_GROUPS,
        part_of={"store": "fleet"},
        folders=(FOLDER,),
    )
    app = serving.build(parts, frame, [each.pages for each in _VIEWS])
    app.before_request(_refuse_control_characters)
    return app


def _refuse_control_characters() -> None:
    """In an address: no store, region or page has any, and PostgreSQL cannot be asked for them."""
    asked = request.path, *request.args.values()
    if any(unicodedata.category(each) == "Cc" for text in asked for each in text):
        raise BadRequest
