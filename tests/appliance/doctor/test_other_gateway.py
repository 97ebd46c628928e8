"""Where the store keeps a gateway of another make, its own is not looked for."""

import pytest

from appliance.doctor.examination import examine
from gate.recording import RecordingGate
from tests.gate.conftest import serving


class OfUnifi(RecordingGate):
    kind = "unifi"


@pytest.fixture
def texts(tmp_path, monkeypatch):
    given = {
        "DATA_DIR": str(tmp_path),
        "GATE__KIND": "unifi",
        "PORTAL__NEIGHBOURS": "redirect",
        "PORTAL__URL": "http://10.0.0.5",
        "CLONES__CHALLENGES": "0",
        "UNIFI__URL": "https://192.0.2.1",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"DOORMAN_{name}", value)
    with serving(tmp_path / "gate.sock", OfUnifi()):
        return [finding.text for finding in examine()]


def test_speaks_of_that_gateway_and_not_of_a_firewall_or_interface(texts):
    assert "the unifi gateway answers; 0 phones are online" in texts
    assert "phones are known by the addresses that the gateway confirms" in texts
    assert not [text for text in texts if "nftables" in text or "interface br-lan" in text]
