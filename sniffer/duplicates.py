"""Tells a frame heard twice: on two channels at once, or sent again for want of an answer."""

# A phone counts its frames up, and comes round to the same number after 4096 of them:
# within a second that is the same frame.
_WITHIN_US = 1_000_000

# Two generations of this size are a few megabytes, and more than any radio can hear.
_MOST = 20_000


class Duplicates:
    """Remembers what was heard in the last second or two, by pseudonym and number."""

    def __init__(self) -> None:
        self._since_us = 0
        self._recent: dict[tuple[int, int], int] = {}
        self._older: dict[tuple[int, int], int] = {}

    def is_one(self, address: int, sequence: int, at_us: int) -> bool:
        """Whether the same frame was heard before, less than a second away."""
        if not 0 <= at_us - self._since_us < _WITHIN_US or len(self._recent) >= _MOST:
            self._older, self._recent = self._recent, {}
            self._since_us = at_us
        frame = (address, sequence)
        before = self._recent.get(frame, self._older.get(frame))
        self._recent[frame] = at_us
        return before is not None and abs(at_us - before) < _WITHIN_US
