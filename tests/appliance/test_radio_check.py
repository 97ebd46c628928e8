import errno

import pytest

from appliance import radio_check
from appliance.finding import Grade
from core.setting_groups.sensor import SensorSettings
from core.settings import Settings
from sniffer.radio.nl80211 import Mode
from tests.sniffer.radio.radios import Radios, refusal


@pytest.fixture
def radios():
    """With two that can listen on channels 1 and 6."""
    return Radios("mon0", "mon1")


@pytest.fixture
def found(radios):
    """What is found with such plans."""

    def found(*hopping):
        names = ("mon0", "mon1")[: len(hopping)]
        sensor = SensorSettings(interfaces=names, hopping=hopping)
        return list(radio_check.examine(Settings(sensor=sensor), lambda: radios))

    return found


def test_plans_that_can_be_followed_are_good(found, radios):
    findings = found("fixed 6", "slow 1 6")

    assert [each.grade for each in findings] == [Grade.GOOD, Grade.GOOD]
    assert radios.done == ["closed", "closed"]


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        pytest.param("slow 1 6 13", "13 (2472 MHz)", id="forbidden here"),
        pytest.param("slow 1 99", "99", id="no such channel"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_wrong(found, plan, says):
    [finding] = found(plan)

    assert finding.grade is Grade.WRONG
    assert says in finding.text


def test_a_radio_that_an_access_point_needs_is_wrong(found, radios):
    radios.plug_in("wlan0", mode=Mode.ACCESS_POINT)

    [finding] = found("fixed 6")

    assert finding.grade is Grade.WRONG
    assert "wlan0" in finding.text


def test_what_the_kernel_refuses_to_tell_is_wrong(found, radios):
    radios.refuse["interface"] = refusal(errno.EPROTONOSUPPORT)

    [finding] = found("fixed 6")

    assert finding.grade is Grade.WRONG
    assert "driver" in finding.text


def test_of_an_interface_that_is_not_there_nothing_is_said(found, radios):
    radios.found.clear()

    assert found("fixed 6") == []
