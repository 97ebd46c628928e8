import pytest

from analytics.devices.intervals import Crowd, of_count, of_crowd


@pytest.mark.parametrize("estimated", [1, 2, 5, 22, 100, 1500])
def test_holds_its_estimate_and_no_less_than_one_device(estimated):
    low, high = of_count(estimated)

    assert 1 <= low <= estimated <= high


def test_nothing_heard_is_certainly_nothing_heard():
    assert of_count(0) == (0, 0)


def test_is_narrower_for_more_devices_but_never_narrow():
    widths = [high / low for low, high in map(of_count, (5, 20, 100, 1000, 100_000))]

    assert widths == sorted(widths, reverse=True)
    assert widths[-1] > 3


def test_reaches_further_up_than_down_because_phones_of_one_model_merge():
    low, high = of_count(100)

    assert high / 100 > 100 / low


# True and estimated counts in the places whose crowd is known (docs/figures/devices.md).
ROOM = [(48, 34), (52, 64), (60, 66), (75, 81), (77, 99), (85, 98), (93, 95), (111, 82)]
DAY = (942, 542)


@pytest.mark.parametrize(("phones", "estimated"), [*ROOM, (117, 86), (121, 82), DAY])
def test_holds_the_truth_of_the_crowds_it_was_made_from(phones, estimated):
    low, high = of_count(estimated)

    assert low <= phones <= high


@pytest.mark.parametrize("phones", [1, 2, 5, 22, 100, 1500])
def test_of_a_crowd_holds_its_estimate_and_no_less_than_one_phone(phones):
    low, high = of_crowd(Crowd(phones, 0.0, 0.0))

    assert 1 <= low <= phones <= high


def test_of_a_crowd_is_wider_where_phones_may_be_alike():
    low, high = of_crowd(Crowd(20, 0.0, 0.0))

    assert of_crowd(Crowd(20, 0.0, 0.3)) > (low, high)
    assert of_crowd(Crowd(20, 0.3, 0.0)) < (low, high)


def test_one_phone_by_itself_is_one():
    assert of_crowd(Crowd(1, 0.0, 0.0)).low == 1


def test_no_crowd_is_certainly_none():
    assert of_crowd(Crowd(0, 0.0, 0.0)) == (0, 0)
