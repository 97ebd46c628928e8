"""Counters, gauges and histograms of this process, to be counted with from anywhere.

Where the environment names a folder, all programs of the machine count together
(`core.metrics.files`); else each by itself, in memory. Counting never fails: a page without
its count is better than none.
"""

import os
from collections.abc import Iterable

import prometheus_client
from prometheus_client import CollectorRegistry, values
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric

from core.log import Log
from core.metrics import files
from core.metrics.family import Family

_log = Log("metrics")

# When each series began, as series of their own: twice as many, of which nobody asks.
prometheus_client.disable_created_metrics()

_files = files.find()
values.ValueClass = values.MultiProcessValue(_files.process) if _files else values.MutexValue
_registry = CollectorRegistry()


class _Counted:
    _metric: MetricWrapperBase

    def __init__(self, family: Family) -> None:
        self.family = family

    def begin(self, *labels: str) -> None:
        """Begin at 0, so that the first event is seen as a change."""
        try:
            if labels:
                self._metric.labels(*labels)
        except OSError:
            _failed()


class Count(_Counted):
    def __init__(self, family: Family) -> None:
        super().__init__(family)
        self._metric: prometheus_client.Counter = prometheus_client.Counter(
            family.name, family.text, family.labels, registry=_registry
        )

    def add(self, *labels: str, amount: float = 1) -> None:
        try:
            (self._metric.labels(*labels) if labels else self._metric).inc(amount)
        except OSError:
            _failed()


class Latest(_Counted):
    """A value that only grows, such as a time: of several processes, the latest holds."""

    def __init__(self, family: Family) -> None:
        super().__init__(family)
        self._metric: prometheus_client.Gauge = prometheus_client.Gauge(
            family.name, family.text, family.labels, registry=_registry, multiprocess_mode="max"
        )

    def put(self, *labels: str, value: float) -> None:
        try:
            (self._metric.labels(*labels) if labels else self._metric).set(value)
        except OSError:
            _failed()


class Spread(_Counted):
    """How large values are: a histogram."""

    def __init__(self, family: Family) -> None:
        super().__init__(family)
        self._metric: prometheus_client.Histogram = prometheus_client.Histogram(
            family.name, family.text, family.labels, registry=_registry, buckets=family.buckets
        )

    def observe(self, *labels: str, value: float) -> None:
        try:
            (self._metric.labels(*labels) if labels else self._metric).observe(value)
        except OSError:
            _failed()


def collect() -> Iterable[Metric]:
    """What is counted on this machine; without a folder, in this process. May raise OSError."""
    return _files.collect() if _files else _registry.collect()


def is_as_told() -> bool:
    """Whether there is a folder if the environment names one."""
    return _files is not None or not os.environ.get(files.VARIABLE)


def _failed() -> None:
    _log.debug("not counted")
