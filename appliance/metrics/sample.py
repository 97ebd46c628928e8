"""One value of a metric, as a collector found it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from core.metrics.family import Family


class Sample(NamedTuple):
    family: Family
    value: float
    labels: tuple[str, ...] = ()


Collector = Callable[[], Iterable[Sample]]
"""Looks something up when metrics are asked for. What it raises costs its own samples alone."""
