import pytest

from core.setting_groups.sensor import SensorSettings


@pytest.mark.parametrize(
    "hopping",
    [
        pytest.param((), id="none"),
        pytest.param(("fixed 1", "slow 1 6 5955"), id="one for each"),
        pytest.param(("weighted 36", "fixed 6"), id="other ones"),
    ],
)
def test_each_interface_has_a_plan_or_none_has(hopping):
    found = SensorSettings(interfaces=("mon0", "mon1"), hopping=hopping)

    assert found.hopping == hopping


@pytest.mark.parametrize(
    ("hopping", "says"),
    [
        pytest.param(("fixed 1",), "for each of the interfaces", id="too few"),
        pytest.param(("fixed 1", "fixed 6", "fixed 11"), "for each of the interfaces", id="many"),
        pytest.param(("fixed 1", "hasty 6"), "pattern", id="no such kind"),
        pytest.param(("fixed 1", "slow"), "pattern", id="no channel"),
        pytest.param(("fixed 1", "fixed 6 11"), "pattern", id="fixed on two"),
    ],
)
def test_plans_that_do_not_fit_are_refused(hopping, says):
    with pytest.raises(ValueError, match=says):
        SensorSettings(interfaces=("mon0", "mon1"), hopping=hopping)
