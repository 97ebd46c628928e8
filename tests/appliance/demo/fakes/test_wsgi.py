import threading

import httpx
import pytest

from appliance.demo.fakes import wsgi
from core import clock, webhook_signature
from core.settings import SettingsError
from tests.appliance.demo.fakes.conftest import BATCH
from tests.appliance.demo.fakes.test_crm_receiver import member_event
from tests.crm.fakes_server import FakesServer

KEY = bytes(32)
TEXT = webhook_signature.write_key(KEY)


@pytest.fixture
def environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DOORMAN_FAKES_DIR", str(tmp_path / "fakes"))
    monkeypatch.setenv("DOORMAN_SMS__WEBHOOK__SIGNING_KEY", TEXT)
    monkeypatch.setenv("DOORMAN_CRM__SIGNING_KEY", TEXT)
    return monkeypatch


def test_the_environment_is_all_it_takes(environment):
    assert wsgi.create().test_client().get("/").status_code == 200


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DOORMAN_FAKES_DIR", "", "DOORMAN_FAKES_DIR"),
        ("DOORMAN_SMS__WEBHOOK__SIGNING_KEY", "", "sms.webhook.signing_key"),
        ("DOORMAN_CRM__SIGNING_KEY", "secret", "crm.signing_key"),
    ],
)
def test_a_wrong_environment_is_named(environment, variable, value, says):
    environment.setenv(variable, value)

    with pytest.raises(SettingsError, match=says) as caught:
        wsgi.create()
    assert "secret" not in str(caught.value)


def test_the_carriers_limits_can_be_switched_off(environment):
    environment.setenv("DOORMAN_FAKES_SMS_LIMITS", "off")

    assert wsgi.create().extensions["doorman_fakes"].sms_limits == {}


def test_no_page_loads_anything_from_elsewhere(environment):
    client = wsgi.create().test_client()

    for path in ("/", "/sms", "/crm"):
        response = client.get(path)
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert "//" not in response.text.replace("<!doctype html>", "")


def test_two_workers_asked_at_once_take_each_event_once(tmp_path):
    events = [member_event(number, version=number) for number in range(1, 31)]
    body = httpx.Request("POST", "http://x/", json=events).content
    statuses = []

    with FakesServer(tmp_path / "fakes", KEY, workers=2) as fakes:

        def send(number):
            headers = webhook_signature.headers(KEY, f"b{number}", body, clock.now())
            headers["content-type"] = BATCH
            url = f"{fakes.url}/crm/events"
            answer = httpx.post(url, content=body, headers=headers, trust_env=False)
            statuses.extend(row["status"] for row in answer.json()["results"])

        threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        state = fakes.state()

    assert statuses.count("accepted") == state["events_received"] == 30
    assert statuses.count("duplicate") == state["duplicates"] == 7 * 30
