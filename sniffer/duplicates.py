"""Tells a frame heard twice: on two channels, by two sensors, or sent again."""

from typing import NamedTuple

# A phone counts its frames up, and comes round to the same number after 4096 of them:
# within a second that is the same frame.
_WITHIN_US = 1_000_000

# Some fifteen megabytes: eight minutes of a hundred frames a second.
_MOST = 50_000

# As weak as a signal can be told; what came without one is not taken for stronger.
_UNKNOWN_DBM = -129


class Copy(NamedTuple):
    """A frame that was heard before."""

    heard_at_us: int
    """When that was for the first time."""
    is_weaker: bool
    """Than this time, by all signals so far."""


class Duplicates:
    """Remembers what was heard a while ago, by pseudonym and number."""

    def __init__(self, seconds_kept: int = 3600) -> None:
        """`seconds_kept`: how much later another sensor may hand in the same frame."""
        self._seconds_kept = seconds_kept
        # By second and frame: when it was first heard, and the strongest signal.
        self._by_second: dict[int, dict[tuple[int, int], tuple[int, int]]] = {}
        self._newest = 0
        self._count = 0

    def before(
        self, address: int, sequence: int, at_us: int, signal_dbm: int | None = None
    ) -> Copy | None:
        """The same frame, if it was heard before, less than a second away."""
        frame = (address, sequence)
        second = at_us // _WITHIN_US
        signal = _UNKNOWN_DBM if signal_dbm is None else signal_dbm
        for near in (second, second - 1, second + 1):
            heard = self._by_second.get(near)
            if heard is None or frame not in heard:
                continue
            first_us, strongest = heard[frame]
            if abs(at_us - first_us) < _WITHIN_US:
                heard[frame] = first_us, max(signal, strongest)
                return Copy(first_us, strongest < signal)
        self._remember(frame, second, (at_us, signal))
        return None

    def _remember(self, frame: tuple[int, int], second: int, heard: tuple[int, int]) -> None:
        if second not in self._by_second:
            self._begin(second)
        self._by_second[second][frame] = heard
        self._count += 1
        while self._count > _MOST:
            self._forget(next(iter(self._by_second)))

    def _begin(self, second: int) -> None:
        # What is handed in late shows nothing of how late it is.
        if second > self._newest or self._newest - second > self._seconds_kept:
            for old in [o for o in self._by_second if abs(second - o) > self._seconds_kept]:
                self._forget(old)
            self._newest = second
        self._by_second[second] = {}

    def _forget(self, second: int) -> None:
        self._count -= len(self._by_second.pop(second))
