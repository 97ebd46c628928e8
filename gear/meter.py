"""Counters that only grow, made of what a gateway counts for each session anew.

Accounting charges by how much a counter has grown, and takes one that has fallen for one that
began again (`portal.access.metering`). A gateway forgets a phone that goes out of reach, and may
show it again with what it had before: charged from nothing, it would be charged twice. So what
has come is added up here, and remembered for an hour after the last of it.

When this program starts, what stands already is taken for charged: less is found than came,
never more.
"""

import dataclasses
from collections.abc import Mapping

from gate.shape import Counters

_REMEMBERED_S = 3600.0


@dataclasses.dataclass(slots=True, repr=False)
class _Count:
    last: Counters
    total: Counters
    at: float


class Meter:
    """Not safe to be used by several threads at once."""

    def __init__(self) -> None:
        self._counts: dict[str, _Count] = {}

    def take(self, readings: Mapping[str, Counters], moment: float) -> None:
        """Add what has come since the last readings; `moment` is of a clock that only grows."""
        for mac, reading in readings.items():
            count = self._counts.get(mac)
            if count is None:
                self._counts[mac] = _Count(reading, Counters(0, 0), moment)
            elif reading != count.last:
                count.total = Counters(
                    count.total.bytes_up + _rise(count.last.bytes_up, reading.bytes_up),
                    count.total.bytes_down + _rise(count.last.bytes_down, reading.bytes_down),
                )
                count.last, count.at = reading, moment
        for mac, count in list(self._counts.items()):
            if mac not in readings and moment - count.at > _REMEMBERED_S:
                del self._counts[mac]

    def counters(self) -> dict[str, Counters]:
        return {mac: count.total for mac, count in self._counts.items()}

    def of(self, mac: str) -> Counters:
        count = self._counts.get(mac)
        return count.total if count else Counters(0, 0)


def _rise(before: int, now: int) -> int:
    """A counter that has fallen began again, with a new session."""
    return now - before if now >= before else now
