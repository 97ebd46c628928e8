import itertools

import prometheus_client.parser
import pytest
from prometheus_client.openmetrics import parser as openmetrics

from analytics.api import tokens
from appliance.metrics.every import FAMILIES
from core import sensor_status
from core.mac import Mac
from core.sensor_status import Hearing, SensorStatus, State
from core.sightings import DayFile
from tests import running_grant

OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.3"
PHONE, MAC, RADIO = "+8613800138000", "a4:83:e7:12:34:56", "wlxa0b1c2d3e4f5"


@pytest.fixture
def busy(database, sealer, settings, now):
    """A store where somebody is online and the sensor hears."""
    running_grant.give(database, sealer, Mac.parse(MAC), now, phone=PHONE)
    status = SensorStatus(
        now, {RADIO: Hearing(State.HEARING, now), "mon0": Hearing(State.GONE, now)}
    )
    sensor_status.write(settings.status_dir, status)
    day = DayFile(settings.sightings_dir, settings.today(now))
    day.append(
        [], {"frames": 149, "unsaved": 1, "rejected.no_signal": 250, f"source.{RADIO}.frames": 9}
    )
    day.close()


def read(text):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in prometheus_client.parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.usefixtures("busy")
def test_a_store_tells_how_it_is(prometheus):
    answer = prometheus.ask()

    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    found = read(answer.text)
    assert found["doorman_grants_active",] == 1
    assert found["doorman_gate_up",] == 0
    assert found["doorman_sensor_state", "partly_deaf"] == 1
    assert found["doorman_sensor_source_hearing", "mon0"] == 0
    assert found["doorman_disk_free_bytes",] > 0
    assert found["doorman_database_size_bytes",] > 0
    assert found["doorman_crm_breaker", "closed"] == 1
    failed = [key for key, value in found.items() if key[0].endswith("_success") and not value]
    assert failed == []


@pytest.mark.usefixtures("busy")
def test_nothing_in_it_tells_of_a_phone_or_a_person(prometheus):
    text = prometheus.ask().text

    for secret in (PHONE, PHONE[3:], MAC, MAC.replace(":", ""), RADIO, RADIO[3:]):
        assert secret not in text
    found = read(text)
    # In hundreds, so that one phone more is not seen; what is lost is seen from the first on.
    assert found["doorman_sensor_frames_total",] == 100
    assert found["doorman_sensor_rejected_total", "no_signal"] == 200
    assert found["doorman_sensor_unsaved_total",] == 100
    assert found["doorman_sensor_source_hearing", "interface-1"] == 1


@pytest.mark.usefixtures("busy")
def test_whoever_asks_for_openmetrics_gets_it(prometheus):
    answer = prometheus.ask(accept=OPENMETRICS)

    assert answer.content_type.startswith("application/openmetrics-text; version=1.0.0")
    families = list(openmetrics.text_string_to_metric_families(answer.text))
    assert "doorman_build" not in {family.name for family in families}
    assert answer.text.endswith("# EOF\n")


@pytest.mark.usefixtures("busy")
def test_everything_in_it_is_documented(prometheus):
    families = prometheus_client.parser.text_string_to_metric_families(prometheus.ask().text)
    for family in families:
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert name in FAMILIES, name
        documented = FAMILIES[name]
        assert documented.kind == family.type
        assert documented.text == family.documentation
        used = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert used <= set(documented.labels)


def test_a_scope_opens_its_own_and_nothing_else(prometheus, database, sealer, now):
    figures = tokens.make(database, sealer, "till", 30, now)

    assert prometheus.ask().status_code == 200
    assert prometheus.ask("/api/v1/now").status_code == 401
    assert prometheus.ask(token=figures).status_code == 401
    # Nothing is known yet, and that it is told.
    assert prometheus.ask("/api/v1/now", token=figures).status_code == 404


@pytest.mark.parametrize("token", ["doorman_" + 43 * "A", "x", "é"])
def test_nobody_else_is_told_anything(prometheus, token):
    answer = prometheus.ask(token=token)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "doorman_" not in answer.text


def test_there_is_one_address_to_read(prometheus):
    statuses = [
        prometheus.ask(path, method=method).status_code
        for path, method in itertools.product(["/metrics", "/metrics/x"], ["GET", "HEAD", "POST"])
    ]

    assert statuses == [200, 200, 405, 404, 404, 404]
    assert prometheus.ask().headers["Cache-Control"] == "no-store"


def test_the_pages_are_there_as_before(app):
    assert app.test_client().get("/sign-in").status_code == 200
