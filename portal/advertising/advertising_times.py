"""When router advertisements go out (RFC 4861, 6.2.4 and 6.2.6). Pure but for chance."""

from collections.abc import Callable

# What is new is said three times, soon; then at times that no other router falls in step with.
_FIRST, _FIRST_WITHIN_S = 3, 16.0
_EVERY_S = (200.0, 600.0)
# Who asks is answered after a moment, and all who ask within three seconds together.
_ANSWER_WITHIN_S = 0.5
_NEVER_SOONER_S = 3.0

Chance = Callable[[float, float], float]
"""A number between two: `random.uniform`."""


class AdvertisingTimes:
    """Of one advertisement, on any clock that only goes forward."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._sent_at = float("-inf")
        self._first_left = 0
        self.due_at: float | None = None
        """None: not at all."""

    def begin(self, now: float) -> None:
        """There is something to say from now on."""
        self._first_left = _FIRST
        self._plan(now)

    def end(self) -> None:
        self.due_at = None

    def solicited(self, now: float) -> None:
        if self.due_at is not None:
            self._plan(now + self._chance(0, _ANSWER_WITHIN_S))

    def sent(self, now: float) -> None:
        self._sent_at = now
        self.due_at = now + self._chance(*_EVERY_S)
        if self._first_left:
            self._first_left -= 1
        if self._first_left:
            self._plan(now + self._chance(_NEVER_SOONER_S, _FIRST_WITHIN_S))

    def _plan(self, wish: float) -> None:
        soonest = max(wish, self._sent_at + _NEVER_SOONER_S)
        self.due_at = soonest if self.due_at is None else min(self.due_at, soonest)
