import datetime as dt

import pytest

from appliance import sensor_check
from appliance.finding import Grade
from core import clock, sensor_status
from core.sensor_status import Hearing, SensorStatus, State
from core.setting_groups.sensor import SensorSettings
from core.settings import Settings


@pytest.fixture
def found(tmp_path):
    """What is found with a sensor set like this."""

    def found(**sensor):
        settings = Settings(data_dir=tmp_path, sensor=SensorSettings(**sensor))
        return list(sensor_check.examine(settings))

    return found


def test_an_appliance_without_a_sensor_is_noted(found):
    [finding] = found()

    assert finding.grade is Grade.NOTE
    assert "no live sensing" in finding.text


@pytest.mark.parametrize(
    ("sensor", "grade", "says"),
    [
        pytest.param({"interfaces": ["mon9"]}, Grade.WRONG, "plug it in", id="absent"),
        pytest.param({"interfaces": ["lo"]}, Grade.WRONG, "iw dev lo set", id="no-monitor-mode"),
        pytest.param(
            {"interfaces": ["lo"], "hopping": ["fixed 6"]},
            Grade.NOTE,
            "sets it up",
            id="set-up-by-the-sensor",
        ),
    ],
)
def test_says_what_an_interface_needs(found, sensor, grade, says):
    finding = found(**sensor)[0]

    assert finding.grade is grade
    assert says in finding.text + finding.mend


@pytest.mark.parametrize(
    ("state", "told_before", "grade", "says"),
    [
        pytest.param(State.HEARING, 0, Grade.GOOD, "hears on mon0", id="hears"),
        pytest.param(State.SILENT, 0, Grade.WRONG, "antenna", id="stuck"),
        pytest.param(State.GONE, 0, Grade.WRONG, "not available", id="gone"),
        pytest.param(State.HEARING, 600, Grade.WRONG, "doorman sensor", id="stopped"),
        pytest.param(None, 0, Grade.NOTE, "not run yet", id="new"),
    ],
)
def test_says_how_the_running_sensor_is_doing(found, tmp_path, state, told_before, grade, says):  # noqa: PLR0917 - passed by name
    if state is not None:
        told_at = clock.now() - dt.timedelta(seconds=told_before)
        status = SensorStatus(told_at, {"mon0": Hearing(state, None)})
        sensor_status.write(tmp_path, status)

    finding = found(interfaces=["lo"])[-1]

    assert finding.grade is grade
    assert says in finding.text + finding.mend


def test_passes_on_what_the_radio_suffers_from(found, tmp_path):
    suffering = Hearing(State.HEARING, None, "mon0 may not listen on channel 13")
    sensor_status.write(tmp_path, SensorStatus(clock.now(), {"mon0": suffering}))

    finding = found(interfaces=["lo"])[-1]

    assert finding.grade is Grade.WRONG
    assert "channel 13" in finding.text
