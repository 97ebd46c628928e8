import pytest

from analytics.intervals import of_count


@pytest.mark.parametrize("estimated", [1, 2, 5, 22, 100, 1500])
def test_holds_its_estimate_and_no_less_than_one_device(estimated):
    low, high = of_count(estimated)

    assert 1 <= low <= estimated <= high


def test_nothing_heard_is_certainly_nothing_heard():
    assert of_count(0) == (0, 0)


def test_is_narrower_for_more_devices_but_never_narrow():
    widths = [high / low for low, high in map(of_count, (5, 20, 100, 1000, 100_000))]

    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == pytest.approx(2.66, abs=0.01)


# True and estimated counts of a lecture room with people (docs/figures/devices.md).
ROOM = [(48, 34), (52, 64), (60, 66), (75, 81), (77, 99), (85, 98), (93, 95), (111, 82)]


@pytest.mark.parametrize(("people", "estimated"), [*ROOM, (117, 86), (121, 82)])
def test_holds_the_truth_in_the_rooms_it_was_measured_in(people, estimated):
    low, high = of_count(estimated)

    assert low <= people <= high
