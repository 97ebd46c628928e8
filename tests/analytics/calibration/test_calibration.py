"""People per device, and how sure that is."""

import datetime as dt
import math
import random
import statistics

import pytest

from analytics.calibration import calibration
from analytics.calibration.calibration import Counted
from analytics.figures.report import Estimate

DAY = dt.date(2026, 5, 11)


def sessions(count, people=60, devices=40, days=100):
    return [Counted(people, devices, DAY + dt.timedelta(days=each % days)) for each in range(count)]


def joined(*runs):
    """Sessions in turn, each on a day of its own."""
    found = [each for run in runs for each in run]
    return [each._replace(day=DAY + dt.timedelta(days=day)) for day, each in enumerate(found)]


def width(factor):
    return math.log(factor.high / factor.low)


def test_many_sessions_give_all_people_over_all_devices():
    factor = calibration.fit(joined(*[sessions(1, 55), sessions(1, 64), sessions(1, 125, 80)] * 10))

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
    agree, differ = sessions(6), joined(sessions(3, 30), sessions(3, 90))

    assert width(calibration.fit(differ)) > 1.5 * width(calibration.fit(agree))


def test_a_long_session_weighs_by_its_devices():
    factor = calibration.fit(joined(sessions(1, 1000, 500), sessions(2, 20, 20)))

    assert factor.value == pytest.approx(2, rel=0.15)


@pytest.mark.parametrize(
    "counted",
    [
        pytest.param([], id="none"),
        pytest.param(sessions(1, 19), id="few people"),
        pytest.param(joined(sessions(1, 60, 15), sessions(1, 20, 4)), id="few devices"),
    ],
)
def test_too_little_gives_no_factor(counted):
    assert calibration.fit(counted) is None


def test_days_tell_more_than_hours_of_one_day():
    one_day, many = calibration.fit(sessions(6, days=1)), calibration.fit(sessions(6))

    assert width(one_day) > 1.2 * width(many)


def test_people_are_devices_times_the_factor_and_less_sure_than_it():
    factor = calibration.fit(sessions(8))

    people = calibration.people(Estimate(400, 230, 850), factor)

    assert people.value == pytest.approx(400 * factor.value, rel=0.01)
    assert people.value / people.low > factor.value / factor.low
    assert people.high / people.value > factor.high / factor.value


def test_the_less_sure_the_devices_the_less_sure_the_people():
    factor = calibration.fit(sessions(8))
    sure, unsure = (
        calibration.people(Estimate(400, 400 / off, 400 * off), factor) for off in (1.8, 3)
    )

    assert unsure.low < sure.low
    assert unsure.high > sure.high


def test_scatter_and_the_devices_interval_are_the_same_doubt_and_not_added_up():
    factor = calibration.fit(joined(sessions(30, 45), sessions(30, 75)))
    exact, nearly = (
        calibration.people(Estimate(4000, 4000 / off, 4000 * off), factor) for off in (1, 1.1)
    )

    assert exact.high > 1.1 * exact.value
    assert nearly == exact


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
            people = max(round(rng.gauss(expected, math.sqrt(expected))), 0)
            counted += sessions(1, people, devices)
        factor = calibration.fit(joined(counted))
        return factor and factor.low <= ratio <= factor.high

    found = [each for each in (store() for _ in range(600)) if each is not None]

    assert 0.92 <= statistics.mean(found) <= most
