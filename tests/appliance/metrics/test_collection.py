import logging
import threading

import pytest

from appliance.metrics.collection import Collection
from appliance.metrics.sample import Sample
from core.metrics.family import counter, gauge

HEAT = gauge("test_heat_celsius", "Heat", "", "place")
RAIN = counter("test_rain_total", "Drops", "")


def values(collection):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for metric in collection.collect()
        for sample in metric.samples
    }


def hot():
    return [Sample(HEAT, 21, ("roof",)), Sample(HEAT, 18, ("cellar",)), Sample(RAIN, 7)]


def test_all_that_is_found_is_told():
    found = values(Collection({"weather": hot}))

    assert found["test_heat_celsius", "roof"] == 21
    assert found["test_heat_celsius", "cellar"] == 18
    assert found["test_rain_total",] == 7
    assert found["doorman_collector_success", "weather"] == 1
    assert found["doorman_collector_success", "counted"] == 1
    assert found["doorman_collector_duration_seconds", "weather"] >= 0


def test_what_fails_costs_its_own_part_and_is_told_once(caplog):
    def fail():
        yield Sample(RAIN, 7)
        raise ZeroDivisionError("+8613800138000")

    collection = Collection({"broken": fail, "weather": lambda: hot()[:1]})
    with caplog.at_level(logging.WARNING):
        found = [values(collection) for _ in range(2)]

    for each in found:
        assert each["doorman_collector_success", "broken"] == 0
        assert each["test_heat_celsius", "roof"] == 21
        assert ("test_rain_total",) not in each
    [record] = caplog.records
    assert record.values == {"collector": "broken", "reason": "ZeroDivisionError"}


def test_what_hangs_is_not_waited_for_and_not_asked_twice():
    go_on, asked = threading.Event(), []

    def hang():
        asked.append(1)
        assert go_on.wait(30)
        yield Sample(RAIN, 7)

    collection = Collection({"slow": hang, "weather": lambda: hot()[:1]}, limit_s=0.05)
    for _ in range(3):
        found = values(collection)
        assert found["doorman_collector_success", "slow"] == 0
        assert found["test_heat_celsius", "roof"] == 21
    assert len(asked) == 1

    go_on.set()
    collection._running["slow"].result(30)
    found = values(collection)
    assert found["test_rain_total",] == 7
    assert found["doorman_collector_success", "slow"] == 1
    assert len(asked) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_each_answer_is_looked_up_anew(number):
    seen = iter(range(10))
    collection = Collection({"count": lambda: [Sample(RAIN, next(seen))]})

    for expected in range(number):
        assert values(collection)["test_rain_total",] == expected
