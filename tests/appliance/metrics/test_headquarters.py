"""Headquarters' metrics, beside the fleet's pages."""

import prometheus_client.parser
import pytest

from analytics.api import tokens
from appliance.demo.fleet import Fleet
from appliance.metrics import headquarters
from appliance.metrics.every import FAMILIES
from core.models.api_token import Scope
from core.setting_groups.hq_pages import PagesSettings
from hq.pages import application
from hq.pages.parts import Parts
from tests.appliance.metrics.conftest import Prometheus


@pytest.fixture
def prometheus(hq_database, sealer, secrets, now):
    with hq_database.writing() as session:
        Fleet(now, stores=12, language="en").fill(session)
    parts = Parts(
        settings=PagesSettings(),
        database=hq_database,
        sealer=sealer,
        form_key=secrets.form_key,
        clock=lambda: now,
    )
    app = headquarters.put_beside(application.create_app(parts), parts)
    token = tokens.make(hq_database, sealer, "prometheus", 90, now, scope=Scope.METRICS)
    return Prometheus(app, token)


def test_headquarters_tells_how_the_chain_is(prometheus):
    assert prometheus.ask(token="doorman_" + 43 * "A").status_code == 401
    families = {
        family.name: family
        for family in prometheus_client.parser.text_string_to_metric_families(prometheus.ask().text)
    }

    stores = {each.labels["state"]: each.value for each in families["doorman_hq_stores"].samples}
    assert sum(stores.values()) == 12
    assert stores["never"] == 1
    known = {name.removesuffix("_total") for name in FAMILIES}
    assert {name.removesuffix("_total") for name in families} <= known
    failed = [
        each.labels["collector"]
        for each in families["doorman_collector_success"].samples
        if not each.value
    ]
    assert failed == []
