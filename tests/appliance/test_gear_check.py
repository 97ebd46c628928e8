import pytest

from appliance import gear_check
from appliance.finding import Grade
from core.setting_groups.network import GateKind, GateSettings
from core.setting_groups.portal import NeighboursKind, PortalSettings
from gate.recording import RecordingGate
from gate.shape import GateFailedError
from tests.gate.conftest import serving


class OfUnifi(RecordingGate):
    kind = "unifi"


class Behind(OfUnifi):
    def online(self):
        raise GateFailedError("the console has not told lately who is connected")


@pytest.fixture
def found(settings):
    portal = PortalSettings(url="http://10.0.0.5", neighbours=NeighboursKind.REDIRECT)
    gate = GateSettings(kind=GateKind.UNIFI)
    settings.data_dir.mkdir()
    return settings.model_copy(update={"portal": portal, "gate": gate})


def test_says_nothing_of_a_box_that_is_the_gateway(settings):
    assert list(gear_check.examine(settings)) == []


def test_is_content_with_a_gateway_that_answers(found):
    with serving(found.gate_socket, OfUnifi()):
        findings = list(gear_check.examine(found))

    assert [each.grade for each in findings] == [Grade.GOOD, Grade.GOOD]


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        pytest.param(Behind(), "lately", id="console-silent"),
        pytest.param(RecordingGate(), "recording", id="another-gate"),
    ],
)
def test_names_what_is_wrong_with_the_gateway(found, gate, said):
    with serving(found.gate_socket, gate):
        finding = gear_check.gateway(found)

    assert finding.grade is Grade.WRONG
    assert said in finding.text
    assert finding.mend


def test_a_gate_that_does_not_run_is_named(found):
    finding = gear_check.gateway(found)

    assert finding.grade is Grade.WRONG
    assert "docs/gear-unifi.md" in finding.mend


@pytest.mark.parametrize(
    ("changed", "grade"),
    [
        pytest.param({"url": "http://127.0.0.1:8080"}, Grade.WRONG, id="nobody-finds-it"),
        pytest.param({"behind_nat": True}, Grade.NOTE, id="nat"),
    ],
)
def test_says_how_phones_are_told_apart(found, changed, grade):
    portal = found.portal.model_copy(update=changed)

    assert gear_check.phones(found.model_copy(update={"portal": portal})).grade is grade
