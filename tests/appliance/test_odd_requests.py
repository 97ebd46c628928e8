"""Requests that no browser sends, at every address of every web program of ours.

Whatever they are, they are the asker's fault: an answer, a page or JSON, and never a 500.
"""

import re

import pytest

from analytics.api import document
from analytics.dashboard import wsgi
from analytics.dashboard.parts import Parts as DashboardParts
from core.models.user import Role
from core.setting_groups.hq_pages import PagesSettings
from core.setting_groups.portal import PortalSettings
from core.texts import Texts
from hq.models.every import metadata as hq_metadata
from hq.pages import application as fleet_pages
from hq.pages.parts import Parts as FleetParts
from portal.application import create_app
from portal.neighbours import LoopbackNeighbours
from portal.parts import Parts as PortalParts
from portal.sms.carriers import Carriers
from portal.wsgi import TEXTS
from tests import tables
from tests.analytics.dashboard.conftest import signed_in, staff
from tests.hq.parts import Relay
from tests.portal.conftest import FakeCarrier, FakeGate

FORM = "application/x-www-form-urlencoded"
LARGE = "9" * 30
# The last is at work all day, and the one before it would end what asks.
LEFT_OUT = {"sign_in.sign_out", "live.stream"}

UNREADABLE = {"QUERY_STRING": "x=\xff\xfe"}
READING = {
    "address": UNREADABLE,
    "odd signs": {
        "QUERY_STRING": f"x=%ff%fe&%=%&lang=%ed%a0%80&page={LARGE}&day=0000-00-00&days={LARGE}",
        "HTTP_ACCEPT_LANGUAGE": "\xff;q=x,,;q=\x00",
        "HTTP_USER_AGENT": "\xff\x00",
        "HTTP_IF_MODIFIED_SINCE": "Sun, 99 Nov 99999999999 99:99:99 GMT",
        "HTTP_RANGE": "bytes=\xff",
        "HTTP_X_REQUEST_ID": "\xff",
    },
}
CHANGING = {
    "address": UNREADABLE,
    "origin": {"HTTP_ORIGIN": "http://["},
    "form": {
        "data": f"number={LARGE}&page=-{LARGE}&name=%00&text=%ed%a0%80&lang=%ff&phone=%00&code=\0",
        "content_type": FORM,
    },
    "form that is no text": {"data": b"phone=\xff\xfe&\xff=1", "content_type": FORM},
    "JSON": {"data": b'{"login": "\\ud800", "to": "\\u0000"}', "content_type": "application/json"},
}


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


@pytest.fixture
def hq(tmp_path):
    database = tables.sqlite(tmp_path / "hq.sqlite", hq_metadata)
    yield database
    database.dispose()


PROGRAMS = [portal, dashboard, fleet, headquarters]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_no_odd_request_is_a_fault_of_ours(request, program):
    app, client = program(request)
    faults = set()
    for path, method in ways_in(app):
        for name, odd in (READING if method == "GET" else CHANGING).items():
            status = ask(client, path, method, odd).status_code
            # 503: what the settings leave out, such as mail.
            if status >= 500 and status != 503:
                faults.add((method, path, name))

    assert faults == set()


@pytest.mark.parametrize("query", ["x=\xff\xfe", "lang=%00"], ids=["no text", "NUL"])
@pytest.mark.parametrize(
    ("program", "path", "says"),
    [
        pytest.param(portal, "/", "<h1", id="portal"),
        pytest.param(dashboard, "/members", "<h1", id="dashboard"),
        pytest.param(dashboard, document.BASE + "/store", '"status": 400', id="figures"),
        pytest.param(fleet, "/", "<h1", id="fleet"),
        pytest.param(headquarters, "/wechat/callback", '"error":"Bad Request"', id="headquarters"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused(request, program, path, says, query):
    _, client = program(request)

    answer = ask(client, path, "GET", {"QUERY_STRING": query})

    assert answer.status_code == 400
    assert says in answer.text


def ways_in(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in LEFT_OUT:
            path = re.sub(r"<int:\w+>", LARGE, rule.rule)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield re.sub("<[^>]*>", "1", path), method


def ask(client, path, method, odd):
    request = {name: value for name, value in odd.items() if name.islower()}
    variables = {name: value for name, value in odd.items() if name.isupper()}
    headers = {} if "HTTP_ORIGIN" in odd else {"Origin": "http://localhost"}
    return client.open(
        path,
        method=method,
        headers=headers,
        environ_overrides=variables,
        # Else a file that is served stays open.
        buffered=True,
        **request,
    )
