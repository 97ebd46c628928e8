"""A store's dashboard with its metrics beside it, and the Prometheus that asks."""

import pytest

from analytics.api import tokens
from analytics.dashboard import wsgi
from analytics.dashboard.parts import Parts
from appliance.metrics import store
from core.models.api_token import Scope
from tests.hq.conftest import hq_database, hq_postgresql, hq_sqlite

__all__ = ["hq_database", "hq_postgresql", "hq_sqlite"]


class Prometheus:
    def __init__(self, app, token):
        self._client = app.test_client()
        self.token = token

    def ask(self, path="/metrics", *, method="GET", accept="", token=None):
        headers = {"Authorization": f"Bearer {token or self.token}", "Accept": accept}
        return self._client.open(path, method=method, headers=headers)


@pytest.fixture
def parts(settings, database, sealer, secrets, now):
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Parts(
        settings=settings,
        database=database,
        sealer=sealer,
        secrets=secrets,
        gate=None,
        clock=lambda: now,
    )


@pytest.fixture
def app(parts):
    return store.put_beside(wsgi.serve(parts), parts)


@pytest.fixture
def prometheus(app, database, sealer, now):
    token = tokens.make(database, sealer, "prometheus", 365, now, scope=Scope.METRICS)
    return Prometheus(app, token)
