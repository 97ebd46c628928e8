"""A metric by name, and what an on-call person has to know of it: docs/metrics.md is made of these.

Names and units are as Prometheus has them. A label's values are few and known beforehand: never
an address, a number, a name of a person or of a network.
"""

import dataclasses
import enum


class Kind(enum.StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclasses.dataclass(frozen=True, slots=True)
class Family:
    name: str
    """As it is asked for in PromQL; of a histogram, without `_bucket`."""
    kind: Kind
    text: str
    """What it is, in a line. It stands in the files as often as the metric: short."""
    normal: str
    """What is usual, and what is not."""
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Of a histogram, in its unit."""


def counter(name: str, text: str, normal: str, *labels: str) -> Family:
    return Family(name, Kind.COUNTER, text, normal, labels)


def gauge(name: str, text: str, normal: str, *labels: str) -> Family:
    return Family(name, Kind.GAUGE, text, normal, labels)


def histogram(
    name: str, text: str, normal: str, *labels: str, buckets: tuple[float, ...]
) -> Family:
    return Family(name, Kind.HISTOGRAM, text, normal, labels, buckets)
