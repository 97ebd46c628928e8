"""Names and providers: what is asked of others."""

import json
import socket
import threading

import pytest

from appliance.doctor import names, providers
from appliance.finding import Grade
from core.settings import Settings
from portal.resolver import message
from portal.resolver.message import Finding as Addresses
from portal.resolver.message import Result
from tests.appliance.doctor.machines import machine, told

HERE = json.dumps([{"addr_info": [{"local": "192.168.50.1"}]}])


def found(monkeypatch, **values):
    for name, value in values.items():
        monkeypatch.setenv(f"DOORMAN_{name}", value)
    return Settings()


@pytest.mark.parametrize(
    ("answers", "grade", "says"),
    [
        (
            {"a.root-servers.net": ["198.41.0.4"], "wifi.example": ["192.168.50.1"]},
            Grade.GOOD,
            "to this box",
        ),
        (
            {"a.root-servers.net": ["198.41.0.4"], "wifi.example": ["10.0.0.9"]},
            Grade.WRONG,
            "not lead",
        ),
        ({"a.root-servers.net": ["198.41.0.4"], "wifi.example": []}, Grade.WRONG, "not lead"),
        ({"a.root-servers.net": []}, Grade.WRONG, "no name of the internet"),
        ({}, Grade.WRONG, "does not answer"),
    ],
)
def test_names(tmp_path, monkeypatch, answers, grade, says):
    box = machine(tmp_path, programs={"ip -json address": HERE})
    findings = names.examine(
        found(monkeypatch, PORTAL__URL="http://wifi.example"), box, answers.get
    )

    assert says in " ".join(told(findings, grade))


def test_dnsmasq_is_asked_as_any_resolver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer():
            words, asker = server.recvfrom(512)
            # A query with an additional record, which a phone's question may not have.
            plain = words[:10] + b"\0\0" + words[12:-11]
            question = message.read_question(plain)
            addresses = Addresses(Result.FOUND, (bytes([192, 168, 50, 1]),), 1)
            server.sendto(message.write_answer(question, addresses), asker)

        thread = threading.Thread(target=answer)
        thread.start()
        assert names.ask("wifi.example", server.getsockname()) == ["192.168.50.1"]
        thread.join()


def test_nobody_there_is_no_answer(monkeypatch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        place = closed.getsockname()
    assert names.ask("wifi.example", place) is None


def test_carriers_and_crm_are_knocked_at(monkeypatch):
    settings = found(
        monkeypatch,
        SMS__CARRIERS='["webhook"]',
        SMS__WEBHOOK__URL="http://127.0.0.1:1/sms",
        SMS__WEBHOOK__SIGNING_KEY="whsec_x",
        CRM__URL="https://crm.example/events",
    )
    asked = []
    findings = list(
        providers.examine(
            settings, lambda url: asked.append(url) or ("no answer" if "sms" in url else "")
        )
    )

    assert asked == ["http://127.0.0.1:1/sms", "https://crm.example/events"]
    assert [each.grade for each in findings] == [Grade.WRONG, Grade.GOOD]


def test_a_knock_says_what_is_wrong():
    with socket.create_server(("127.0.0.1", 0)) as open_port:
        assert providers.knock(f"http://127.0.0.1:{open_port.getsockname()[1]}/") == ""
    assert "refused" in providers.knock("http://127.0.0.1:1/")
