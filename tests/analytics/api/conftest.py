"""A dashboard with figures for programs beside it, and a program that may read them."""

import datetime as dt

import pytest

from analytics.api import tokens
from analytics.dashboard import wsgi
from analytics.dashboard.parts import Parts
from appliance.demo.year import Year

BASE = "/api/v1"


class Program:
    """Asks with a token."""

    def __init__(self, app, token):
        self.client = app.test_client()
        self.token = token

    def ask(self, address, **asked):
        return self.client.get(
            BASE + address, query_string=asked, headers={"Authorization": f"Bearer {self.token}"}
        )


@pytest.fixture
def yesterday(settings, now):
    return settings.today(now) - dt.timedelta(days=1)


@pytest.fixture
def year(database, settings, yesterday):
    """Sixty made-up days until yesterday."""
    with database.writing() as session:
        Year(settings.store.zone, yesterday, days=60).fill(session)


@pytest.fixture
def app(settings, database, sealer, secrets, now):
    return wsgi.serve(
        Parts(
            settings=settings,
            database=database,
            sealer=sealer,
            secrets=secrets,
            gate=None,
            clock=lambda: now,
        )
    )


@pytest.fixture
def token(database, sealer, now):
    return tokens.make(database, sealer, "till", 30, now)


@pytest.fixture
def program(app, token):
    return Program(app, token)
