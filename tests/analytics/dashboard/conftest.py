"""A dashboard with two people: Alice is the store's manager, Charlie is a stranger."""

import datetime as dt

import pytest
import ulid
from flask import session
from playwright.sync_api import sync_playwright

from analytics.dashboard import accounts, application, guard, passwords
from analytics.dashboard.parts import Parts, wired
from core import sightings
from core.models import identity as identities
from core.models.consent import Consent, Purpose
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.models.traffic import TrafficDay, TrafficHour
from core.models.user import Role, User
from gate.client import GateUnavailableError

PASSWORD = "correct horse battery"
SITE = "http://box.example"
PHONE = "+8613800138000"
# Hashing is slow on purpose, and many tests sign in.
PASSWORD_HASH = passwords.hashed(PASSWORD)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now

    def pause(self, seconds):
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock(now):
    return Clock(now)


class FakeGate:
    """Knows who is online; does not answer while it is down."""

    def __init__(self):
        self.inside = {}
        self.down = False

    def online(self):
        self._answer()
        return dict(self.inside)

    def revoke(self, mac):
        self._answer()
        self.inside.pop(mac, None)

    def _answer(self):
        if self.down:
            raise GateUnavailableError("no answer from the gate")


@pytest.fixture
def gate():
    return FakeGate()


@pytest.fixture
def today(clock, settings):
    return settings.today(clock.now)


@pytest.fixture
def app(settings, database, sealer, secrets, gate, clock):  # noqa: PLR0917 - fixtures are passed by name
    with database.writing() as session:
        session.add(staff("alice", Role.MANAGER, clock.now))
    return application.create_app(
        Parts(
            settings=settings,
            database=database,
            sealer=sealer,
            secrets=secrets,
            gate=gate,
            clock=clock,
            pause=clock.pause,
        )
    )


@pytest.fixture
def charlie(app):
    return app.test_client()


@pytest.fixture
def alice(app):
    return signed_in(app, "alice")


@pytest.fixture
def hired(app, database, clock):
    """A browser in which somebody of a role is signed in: `hired(Role.IT)`."""

    def sign_on(role):
        with database.writing() as session:
            session.add(staff(f"new-{role}", role, clock.now))
        return signed_in(app, f"new-{role}")

    return sign_on


def signed_in(app, name):
    """A browser that has been let in without a password: hashing is slow on purpose."""
    with app.test_request_context():
        parts = wired()
        guard.admit(accounts.id_of(parts.database, name))
        inside = dict(session)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update(inside)
        cookie.permanent = True
    return client


def staff(name, role, now):
    return User(name=name, role=role, password_hash=PASSWORD_HASH, created_at=now)


def sign_in(client, name="alice", password=PASSWORD):
    return client.post(
        "/sign-in",
        data={"name": name, "password": password},
        headers={"Origin": "http://localhost"},
    )


@pytest.fixture
def enrol(database, sealer, clock):
    """Makes a member who agreed to the terms and withdrew from marketing."""

    def make(value=PHONE, enrolled_at=None, kind=IdentityKind.PHONE):
        at = enrolled_at or clock.now
        lookup = sealer.lookup(kind, value.encode())
        with database.writing() as session:
            member = Member(public_id=str(ulid.ULID()), language="zh", enrolled_at=at)
            session.add(member)
            session.flush()
            identity = Identity(
                member_id=member.id,
                kind=kind,
                lookup=lookup,
                sealed_value=sealer.seal(identities.VALUE, value.encode()),
                verified_at=at,
            )
            agreed = [
                Consent(
                    account_lookup=lookup,
                    member_id=member.id,
                    purpose=purpose,
                    wording_version="1",
                    language="zh",
                    given_at=at,
                    withdrawn_at=withdrawn_at,
                )
                for purpose, withdrawn_at in ((Purpose.TERMS, None), (Purpose.MARKETING, at))
            ]
            session.add_all([identity, *agreed])

    return make


@pytest.fixture
def traffic(database, clock):
    """Puts figures of a day into the database: 57 visitors at one o'clock, 3 at two."""

    def put(day, visitors=60, closed_at=None):
        start = dt.datetime.combine(day, dt.time(), dt.UTC)
        with database.writing() as session:
            session.add(
                TrafficDay(
                    day=day,
                    probe_requests=4321,
                    fixtures=0,
                    passers_by=840,
                    visitors=visitors,
                    dwell_q1_s=600,
                    dwell_median_s=4980,
                    dwell_q3_s=9000,
                    dwell_under_5_min=31,
                    dwell_5_to_20_min=32,
                    dwell_20_to_60_min=33,
                    dwell_1_to_6_h=34,
                    dwell_over_6_h=35,
                    updated_at=clock.now,
                    closed_at=closed_at,
                )
            )
            parts = (visitors - 16, 3, 13) if visitors > 16 else (visitors, 0, 0)
            for hour, came in zip((-7, -6, -5), parts, strict=True):
                at = start + dt.timedelta(hours=hour)
                session.add(TrafficHour(start=at, day=day, passers_by=280, visitors=came))

    return put


@pytest.fixture
def hear(settings, today):
    """Puts one sighting into today's file."""

    def put(heard_at, tallies):
        file = sightings.DayFile(settings.sightings_dir, today)
        one = sightings.Sighting(int(heard_at.timestamp() * 1e6), 1, 2, True, -60, 6, "sensor-1")
        file.append([one], tallies)
        file.close()

    return put


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def show(alice, chromium):
    """Opens a page as Alice, or `client`, sees it; what the browser minds is in `complaints`."""
    contexts = []

    def open_page(path, width=1440, scheme="light", *, client=alice, **more):
        context = chromium.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))

        def fulfil(route):
            found = client.get(
                route.request.url.removeprefix(SITE),
                headers={"Accept": route.request.headers.get("accept", "*/*")},
                # Else a file that is served stays open.
                buffered=True,
            )
            route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.data)

        page.route("**/*", fulfil)
        page.goto(SITE + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
