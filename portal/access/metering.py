"""What phones have sent and received, worked out from counters. Pure.

The gate has two counters of each phone, one a direction. They only grow, until nothing
came that way for so long that the gate forgets it; then that one restarts at 0. So do all
at a reboot.
"""

import dataclasses
from collections.abc import Hashable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


@dataclasses.dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of IP packets."""

    up: int
    down: int

    @property
    def total(self) -> int:
        return self.up + self.down


_NONE = Traffic(0, 0)


def growth(before: Traffic | None, now: Traffic) -> Traffic:
    """What came between two readings of one phone; `before` is None if it had no counters.

    A counter that has fallen has restarted. One that restarted and has overtaken the
    earlier reading cannot be told: then less is found than came, never more.
    """
    if before is None:
        return now
    return Traffic(_rise(before.up, now.up), _rise(before.down, now.down))


def _rise(before: int, now: int) -> int:
    return now - before if now >= before else now


def growths(before: Mapping[K, Traffic], now: Mapping[K, Traffic]) -> dict[K, Traffic]:
    """Of all phones; those that neither sent nor received are left out."""
    found = {key: growth(before.get(key), reading) for key, reading in now.items()}
    return {key: traffic for key, traffic in found.items() if traffic != _NONE}
