import pytest

from core import settings
from core.settings import SettingsError

OF_UNIFI = {
    "GATE__KIND": "unifi",
    "PORTAL__NEIGHBOURS": "redirect",
    "CLONES__CHALLENGES": "0",
    "UNIFI__URL": "https://192.168.1.1",
}


@pytest.fixture
def load(monkeypatch):
    def load_with(given):
        for name, value in given.items():
            monkeypatch.setenv(f"DOORMAN_{name}", value)
        return settings.load()

    return load_with


def test_another_gateway_needs_no_secret_in_every_program(load):
    found = load(OF_UNIFI)

    assert found.gate.kind.is_foreign
    assert not found.unifi.api_key.get_secret_value()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        pytest.param({"PORTAL__NEIGHBOURS": "kernel"}, "portal.neighbours", id="kernel"),
        pytest.param({"PORTAL__NEIGHBOURS": "loopback"}, "portal.neighbours", id="made-up"),
        pytest.param({"GATE__KIND": "nftables"}, "portal.neighbours", id="firewall"),
        pytest.param({"GATE__KIND": "recording"}, "portal.neighbours", id="recording"),
        pytest.param({"PASSES__PER_DAY": "3"}, "passes.per_day", id="passes"),
        pytest.param({"CLONES__CHALLENGES": "3"}, "clones.challenges", id="clones"),
        pytest.param({"GATE__GARDEN_HOSTS": '["example.com"]'}, "gate.garden_hosts", id="garden"),
        pytest.param({"UNIFI__URL": ""}, "unifi.url", id="no-address"),
        pytest.param({"UNIFI__URL": "http://192.168.1.1"}, "unifi.url", id="no-tls"),
    ],
)
def test_what_another_gateway_cannot_do_is_refused_at_start(load, changed, named):
    with pytest.raises(SettingsError, match=named):
        load(OF_UNIFI | changed)


def test_nat_is_told_apart_by_redirects_alone(load):
    with pytest.raises(SettingsError, match=r"portal\.behind_nat"):
        load({"PORTAL__BEHIND_NAT": "true"})
    assert load(OF_UNIFI | {"PORTAL__BEHIND_NAT": "true"}).portal.behind_nat


def test_several_problems_are_named_at_once(load):
    with pytest.raises(SettingsError) as caught:
        load(OF_UNIFI | {"PASSES__PER_DAY": "3", "CLONES__CHALLENGES": "3"})

    assert "passes.per_day" in str(caught.value)
    assert "clones.challenges" in str(caught.value)
