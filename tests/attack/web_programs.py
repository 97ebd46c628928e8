"""Every web program of ours in this process, and somebody who may do everything there.

Each takes the `request` of a test: for the fixtures of tests/conftest.py.
"""

import re
from urllib.parse import unquote_to_bytes

from analytics.dashboard import wsgi
from analytics.dashboard.parts import Parts as DashboardParts
from core.models.user import Role
from core.setting_groups.hq_pages import PagesSettings
from core.setting_groups.portal import PortalSettings
from core.texts import Texts
from hq.pages import application as fleet_pages
from hq.pages.parts import Parts as FleetParts
from portal.application import create_app
from portal.neighbours import LoopbackNeighbours
from portal.parts import Parts as PortalParts
from portal.sms.carriers import Carriers
from portal.wsgi import TEXTS
from tests.analytics.dashboard.conftest import signed_in, staff
from tests.hq.parts import Relay
from tests.portal.conftest import FakeCarrier, FakeGate

LARGE = "9" * 30
# The last is at work all day, and the one before it would end what asks.
LEFT_OUT = {"sign_in.sign_out", "live.stream"}


def portal(request):
    settings, database, sealer, secrets, now = given(
        request, "settings", "database", "sealer", "secrets", "now"
    )
    ours = settings.model_copy(update={"portal": PortalSettings(url="http://localhost")})
    carriers = Carriers({"webhook": FakeCarrier()}, {})
    parts = PortalParts(
        ours,
        database,
        sealer,
        secrets,
        FakeGate(),
        LoopbackNeighbours(),
        carriers,
        Texts.load(TEXTS),
        lambda: now,
    )
    app = create_app(parts)
    return app, app.test_client()


def dashboard(request):
    settings, database, sealer, secrets, now = given(
        request, "settings", "database", "sealer", "secrets", "now"
    )
    with database.writing() as session:
        session.add(staff("alice", Role.MANAGER, now))
    parts = DashboardParts(settings, database, sealer, secrets, FakeGate(), clock=lambda: now)
    app = wsgi.serve(parts)
    return app, signed_in(app, "alice")


def fleet(request):
    database, sealer, secrets, now = given(request, "hq", "sealer", "secrets", "now")
    with database.writing() as session:
        session.add(staff("alice", Role.MANAGER, now))
    app = fleet_pages.create_app(
        FleetParts(PagesSettings(), database, sealer, secrets.form_key, clock=lambda: now)
    )
    return app, signed_in(app, "alice")


def headquarters(request):
    relay = Relay(*given(request, "hq", "sealer", "now"))
    return relay.browser.application, relay.browser


def given(request, *names):
    return [request.getfixturevalue(name) for name in names]


PROGRAMS = [portal, dashboard, fleet, headquarters]


def ways_in(app):
    """Each path and method that the program knows."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in LEFT_OUT:
            path = re.sub(r"<int:\w+>", LARGE, rule.rule)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield re.sub("<[^>]*>", "1", path), method


def get(client, address):
    """As a web server hands it on: with its percent signs read, and nothing else done to it."""
    path = unquote_to_bytes(address).decode("latin-1")
    return client.get("/", environ_overrides={"PATH_INFO": path}, buffered=True)
