"""A gate that only remembers, for the demo and for tests: no root, and nobody is let in."""

import time
from collections.abc import Callable

from gate.shape import Online


class RecordingGate:
    kind = "recording"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends_at: dict[str, float] = {}

    def admit(self, mac: str, seconds: int) -> None:
        self._ends_at[mac] = self._clock() + seconds

    def revoke(self, mac: str) -> None:
        self._ends_at.pop(mac, None)

    def find(self, mac: str) -> Online | None:
        left_s = self._ends_at.get(mac, 0.0) - self._clock()
        return _online(left_s) if left_s > 0 else None

    def online(self) -> dict[str, Online]:
        moment = self._clock()
        self._ends_at = {mac: end for mac, end in self._ends_at.items() if end > moment}
        return {mac: _online(end - moment) for mac, end in self._ends_at.items()}


def _online(left_s: float) -> Online:
    return Online(seconds_left=int(left_s), bytes_up=0, bytes_down=0)
