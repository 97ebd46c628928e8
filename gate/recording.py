"""A gate that only remembers, for the demo and for tests: no root, and nobody is let in."""

import dataclasses
import time
from collections.abc import Callable

from gate.shape import Counters, Limits, Online


@dataclasses.dataclass(frozen=True, slots=True)
class Recorded:
    """What one phone was last given."""

    ends_at: float
    limits: Limits
    is_pass: bool


class RecordingGate:
    kind = "recording"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._recorded: dict[str, Recorded] = {}

    def admit(self, mac: str, seconds: int, limits: Limits) -> None:
        self._recorded[mac] = Recorded(self._clock() + seconds, limits, is_pass=False)

    def give_pass(self, mac: str, seconds: int, limits: Limits) -> None:
        self._recorded[mac] = Recorded(self._clock() + seconds, limits, is_pass=True)

    def revoke(self, mac: str) -> None:
        self._recorded.pop(mac, None)

    def find(self, mac: str) -> Online | None:
        return self.online().get(mac)

    def online(self) -> dict[str, Online]:
        moment = self._clock()
        return {
            mac: Online(int(each.ends_at - moment), bytes_up=0, bytes_down=0)
            for mac, each in self.recorded().items()
            if not each.is_pass
        }

    def counters(self) -> dict[str, Counters]:
        """Nothing passes here, so nothing is counted."""
        return {}

    def recorded(self) -> dict[str, Recorded]:
        """Who was given something that has not ended, passes included."""
        moment = self._clock()
        self._recorded = {m: each for m, each in self._recorded.items() if each.ends_at > moment}
        return dict(self._recorded)
