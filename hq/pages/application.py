"""Builds the fleet's pages from their parts."""

from flask import Flask

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
    return serving.build(parts, frame, [each.pages for each in _VIEWS])
