"""All metrics of a machine at one moment: what programs have counted, and what is looked up.

Each collector runs in a thread of its own, and what has not come in time is left out: a gate
that hangs or a slow disk takes nothing away from the others, and the answer is there within
half a second. A collector that is late is not started again before it is through; what it
found then goes out with the next answer.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from appliance.metrics.sample import Collector, Sample
from core.log import Log
from core.metrics import counting
from core.metrics.family import Family, Kind, gauge

LIMIT_S = 0.4

SUCCESS = gauge(
    "doorman_collector_success",
    "Whether a part of the metrics could be looked up in time",
    "1. With 0 its metrics are missing; the log says why.",
    "collector",
)
DURATION = gauge(
    "doorman_collector_duration_seconds",
    "Time it took to look up a part of the metrics",
    "Below 0.1 s; 0.4 s is the limit.",
    "collector",
)
FAMILIES = (SUCCESS, DURATION)

_log = Log("metrics")


class _Found(NamedTuple):
    samples: list[Sample]
    took_s: float


class Collection:
    """Asks `collectors`, by name. One answer at a time."""

    def __init__(self, collectors: Mapping[str, Collector], limit_s: float = LIMIT_S) -> None:
        self._collectors = collectors
        self._limit_s = limit_s
        self._threads = ThreadPoolExecutor(max(len(collectors), 1), "metrics")
        self._running: dict[str, Future[_Found]] = {}
        self._failing: set[str] = set()
        self._turn = threading.Lock()

    def collect(self) -> Iterable[Metric]:
        """As the library's registries do."""
        with self._turn:
            samples = self._look_up()
            counted = self._counted()
        samples.append(Sample(SUCCESS, counted is not None and counting.is_as_told(), ("counted",)))
        return [*(counted or ()), *families(samples)]

    def _counted(self) -> list[Metric] | None:
        try:
            counted = list(counting.collect())
        except OSError as error:
            self._tell("counted", type(error).__name__)
            return None
        self._failing.discard("counted")
        return counted

    def _look_up(self) -> list[Sample]:
        for name, collector in self._collectors.items():
            if name not in self._running:
                self._running[name] = self._threads.submit(_timed, collector)
        futures.wait(self._running.values(), timeout=self._limit_s)
        samples = []
        for name in self._collectors:
            found = self._take(name)
            samples.append(Sample(SUCCESS, 0 if found is None else 1, (name,)))
            if found is not None:
                samples.append(Sample(DURATION, found.took_s, (name,)))
                samples.extend(found.samples)
        return samples

    def _take(self, name: str) -> _Found | None:
        future = self._running[name]
        if not future.done():
            self._tell(name, "it takes too long")
            return None
        del self._running[name]
        error = future.exception()
        if error is not None:
            self._tell(name, type(error).__name__)
            return None
        self._failing.discard(name)
        return future.result()

    def _tell(self, name: str, reason: str) -> None:
        if name not in self._failing:
            _log.warning("metrics not looked up", collector=name, reason=reason)
        self._failing.add(name)


def _timed(collector: Collector) -> _Found:
    begun = time.perf_counter()
    samples = list(collector())
    return _Found(samples, time.perf_counter() - begun)


def families(samples: Iterable[Sample]) -> Iterable[Metric]:
    made: dict[Family, GaugeMetricFamily | CounterMetricFamily] = {}
    for family, value, labels in samples:
        sort = CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily
        if family not in made:
            made[family] = sort(family.name, family.text, labels=family.labels)
        made[family].add_metric(labels, value)
    return made.values()
