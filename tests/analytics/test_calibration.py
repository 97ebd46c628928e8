"""People per device, and how sure that is."""

import math
import random
import statistics

import pytest

from analytics import calibration
from analytics.calibration import Counted
from analytics.report import Estimate


def sessions(count, people=60, devices=40):
    return [Counted(people, devices)] * count


def width(factor):
    return math.log(factor.high / factor.low)


def test_many_sessions_give_all_people_over_all_devices():
    factor = calibration.fit([Counted(55, 40), Counted(64, 40), Counted(125, 80)] * 10)

    assert factor.value == pytest.approx(244 / 160, rel=0.02)
    assert (factor.sessions, factor.people, factor.devices) == (30, 2440, 1600)


def test_one_session_is_drawn_towards_one_person_a_device_and_is_unsure():
    factor = calibration.fit(sessions(1, people=120))

    assert 1 < factor.value < 3
    assert factor.low < 1.8
    assert factor.high > 4


def test_the_more_sessions_the_surer():
    widths = [width(calibration.fit(sessions(count))) for count in (1, 2, 4, 8, 16)]

    assert widths == sorted(widths, reverse=True)


def test_sessions_that_disagree_make_it_less_sure():
    agree, differ = sessions(6), [Counted(30, 40), Counted(90, 40)] * 3

    assert width(calibration.fit(differ)) > 1.5 * width(calibration.fit(agree))


def test_a_long_session_weighs_by_its_devices():
    factor = calibration.fit([Counted(1000, 500), *sessions(2, people=20, devices=20)])

    assert factor.value == pytest.approx(2, rel=0.15)


@pytest.mark.parametrize(
    "counted",
    [
        pytest.param([], id="none"),
        pytest.param([Counted(19, 40)], id="few people"),
        pytest.param([Counted(60, 15), Counted(20, 4)], id="few devices"),
    ],
)
def test_too_little_gives_no_factor(counted):
    assert calibration.fit(counted) is None


def test_people_are_devices_times_the_factor_and_less_sure_than_both():
    factor, devices = calibration.fit(sessions(8)), Estimate(400, 340, 500)

    people = calibration.people(devices, factor)

    assert people.value == pytest.approx(400 * factor.value, rel=0.01)
    assert people.value / people.low > max(400 / 340, factor.value / factor.low)
    assert people.high / people.value > max(500 / 400, factor.high / factor.value)


@pytest.mark.parametrize(
    ("devices", "has_factor"),
    [
        pytest.param(Estimate(), True, id="withheld"),
        pytest.param(Estimate(9, 5, 14), False, id="no factor"),
    ],
)
def test_what_is_withheld_or_not_calibrated_gives_no_people(devices, has_factor):
    factor = calibration.fit(sessions(8)) if has_factor else None

    assert calibration.people(devices, factor) == Estimate()


def test_nobody_is_nobody():
    assert calibration.people(Estimate(0, 0, 3), calibration.fit(sessions(8))).value == 0


def test_newer_sessions_contradict_older_ones_only_beyond_chance():
    older = sessions(8)

    assert not calibration.contradict(sessions(3, people=66), older)
    assert calibration.contradict(sessions(6, people=180), older)


def test_two_small_counts_contradict_nothing():
    assert not calibration.contradict(sessions(1, people=90), sessions(1, people=30, devices=10))


@pytest.mark.parametrize(("count", "most"), [(1, 1), (3, 0.995), (10, 0.985)])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(count, most):
    """In stores whose ratio and sessions scatter. One session alone is on the safe side."""
    rng = random.Random(count)

    def store():
        ratio = math.exp(rng.gauss(0, 0.5))
        counted = []
        for _ in range(count):
            devices = rng.randint(25, 60)
            expected = devices * ratio * math.exp(rng.gauss(0, 0.25))
            counted.append(
                Counted(max(round(rng.gauss(expected, math.sqrt(expected))), 0), devices)
            )
        factor = calibration.fit(counted)
        return factor and factor.low <= ratio <= factor.high

    found = [each for each in (store() for _ in range(600)) if each is not None]

    assert 0.92 <= statistics.mean(found) <= most
