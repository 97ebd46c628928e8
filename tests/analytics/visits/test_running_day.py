import datetime as dt

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analytics.visits import sightings_table, windows
from analytics.visits.running_day import RunningDay
from core import sightings
from core.setting_groups.traffic import TrafficSettings

DAY = dt.date(2026, 5, 16)
MINUTE_US = 60_000_000
# Few addresses and looks, so that they meet; a fixture after an hour, so that there are some.
RULES = TrafficSettings(fixture_after_h=1, window_s=900)


def sighting(minute, address, look, dbm):
    # Nothing of an address but itself says whether it is made up.
    return sightings.Sighting(
        int(minute * MINUTE_US), address, look, address % 3 > 0, dbm, None, "sensor-1"
    )


heard = st.builds(
    sighting,
    st.integers(0, 300).map(lambda thirds: thirds / 3),
    st.integers(0, 8),
    st.integers(0, 4),
    st.integers(-95, -40),
)
always_there = st.builds(
    lambda address, step: [sighting(at, address, 1, -50) for at in range(0, 100, step)],
    st.integers(0, 3),
    st.integers(5, 14),
)
batches = st.lists(st.one_of(st.lists(heard, max_size=12), always_there), max_size=8)


def assert_the_same(one, other):
    assert np.array_equal(one.visits, other.visits)
    assert np.array_equal(one.bursts, other.bursts)
    assert one.inside.within(*HOURS) == other.inside.within(*HOURS)
    assert (one.probe_requests, one.fixtures) == (other.probe_requests, other.fixtures)


HOURS = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.datetime(1970, 1, 2, tzinfo=dt.UTC)


class File:
    """A day file, written anew for each example."""

    def __init__(self, folder):
        self.folder = folder
        sightings.remove(folder, DAY)
        self._file = sightings.DayFile(folder, DAY)

    def append(self, batch, amended=()):
        self._file.append(batch, {}, amended=amended)

    def whole(self, rules=RULES):
        return windows.whole_day(sightings_table.read(self.folder, DAY), {}, rules)

    def close(self):
        self._file.close()


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches, st.sampled_from([900, 120, 60]), st.data())
def test_whatever_comes_in_whatever_order_it_is_the_day_read_whole(
    tmp_path, batches, window_s, data
):
    rules = RULES.model_copy(update={"window_s": window_s})
    file = File(tmp_path)
    running = RunningDay(tmp_path, DAY)
    for batch in batches:
        amended = data.draw(st.lists(st.sampled_from(batch), max_size=2)) if batch else []
        file.append(data.draw(st.permutations(batch)))
        running.read(rules)
        file.append((), [each._replace(signal_dbm=-41) for each in amended])

    kept, whole = running.read(rules), file.whole(rules)

    file.close()
    assert_the_same(kept, whole)
    assert_the_same(RunningDay(tmp_path, DAY).read(rules), whole)


@pytest.fixture
def file(tmp_path):
    written = File(tmp_path)
    yield written
    written.close()


@pytest.fixture
def running(file):
    return RunningDay(file.folder, DAY)


def test_costs_by_the_windows_from_the_earliest_news_on(file, running):
    file.append([sighting(minute, 1 + minute % 7, 1, -50) for minute in range(600)])
    running.read(RULES)
    assert running.folded == 600

    file.append([sighting(600.5, 1, 1, -50)])
    running.read(RULES)
    assert running.folded == 1

    running.read(RULES)
    assert running.folded == 0

    file.append([sighting(580.5, 1, 1, -50)])
    running.read(RULES)
    assert running.folded == 32


def test_short_windows_remember_no_more_often_and_late_news_cost_little_more(file, running):
    # Nobody is a fixture.
    rules = RULES.model_copy(update={"window_s": 60, "fixture_after_h": 24})
    file.append([sighting(minute, 1 + minute % 7, 1, -50) for minute in range(600)])
    running.read(rules)

    file.append([sighting(598.5, 1, 1, -50)])
    running.read(rules)
    assert running.folded == 3

    file.append([sighting(580.5, 1, 1, -50)])
    running.read(rules)
    assert 21 < running.folded <= 21 + 16

    remembering = [each for each in running._folded.values() if len(each.names.addresses)]
    assert len(remembering) <= 600 / 15 + 3


def test_other_thresholds_hold_for_the_whole_day(file, running):
    file.append([sighting(minute, 1, 1, -60) for minute in range(10)])
    stricter = RULES.model_copy(update={"inside_dbm": -55})

    found = [running.read(rules).visits["visitor"].tolist() for rules in (RULES, stricter, RULES)]

    assert found == [[True], [False], [True]]


def test_a_file_that_was_made_anew_is_read_anew(file, running):
    file.append([sighting(minute, 1, 1, -60) for minute in range(10)])
    running.read(RULES)
    file.close()
    again = File(file.folder)
    again.append([sighting(minute, 2, 1, -60) for minute in range(20)])

    assert running.read(RULES).probe_requests == 20

    again.close()


def test_a_day_without_a_file_is_not_an_empty_day(tmp_path):
    with pytest.raises(FileNotFoundError):
        RunningDay(tmp_path, DAY).read(RULES)
