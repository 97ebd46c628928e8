"""Tells a frame heard twice: on two channels, by two sensors, or sent again."""

# A phone counts its frames up, and comes round to the same number after 4096 of them:
# within a second that is the same frame.
_WITHIN_US = 1_000_000

# Other sensors hand in what they heard a while ago.
_SECONDS_KEPT = 60

# Some ten megabytes, and more than any radio hears in that time.
_MOST = 50_000


class Duplicates:
    """Remembers what was heard in the last minute, by pseudonym and number."""

    def __init__(self) -> None:
        self._by_second: dict[int, dict[tuple[int, int], int]] = {}
        self._count = 0

    def is_one(self, address: int, sequence: int, at_us: int) -> bool:
        """Whether the same frame was heard before, less than a second away."""
        frame = (address, sequence)
        second = at_us // _WITHIN_US
        found = False
        for near in (second, second - 1, second + 1):
            before = self._by_second.get(near, {}).get(frame)
            if before is not None and abs(at_us - before) < _WITHIN_US:
                found = True
        self._remember(frame, second, at_us)
        return found

    def _remember(self, frame: tuple[int, int], second: int, at_us: int) -> None:
        if second not in self._by_second:
            self._begin(second)
        heard = self._by_second[second]
        self._count += frame not in heard
        heard[frame] = at_us
        while self._count > _MOST:
            self._forget(next(iter(self._by_second)))

    def _begin(self, second: int) -> None:
        for old in [old for old in self._by_second if abs(second - old) > _SECONDS_KEPT]:
            self._forget(old)
        self._by_second[second] = {}

    def _forget(self, second: int) -> None:
        self._count -= len(self._by_second.pop(second))
