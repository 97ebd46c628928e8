"""On which channels a radio listens, and how long on each. Pure.

A phone that looks for networks sends on one channel after another, the whole burst within
about a second, and then is silent for 5 to 300 s. Of the bursts of 22 phones that at least one
of three radios on 1, 6 and 11 heard, a single radio hears (`make bench`, part `hopping`)

    fixed      97 % on channel 1, 80 % on 6, 95 % on 11
    slow       91 %, whether it stays for 2 s or a minute; 89 % if it stays for 0.2 s
    weighted   95 %

So one radio may as well stay where it is, and moves for the sake of phones that keep to some
channels. It stays for 10 s unless told otherwise: little is lost by moving, and three channels
come round within the half minute in which somebody walks past.
"""

import enum
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

from sniffer.radio.channels import Channel

# The least part of an equal share that a channel gets, however little is heard there. Of the
# usual stay it is 2.5 s: longer than a burst, and enough to find that a channel has woken up.
FLOOR = 0.25

# A channel that stays is set anew now and then, should somebody else have changed it.
_AGAIN_S = 60.0

# What was heard half a window of counting ago weighs half.
HALF_LIFE_S = 450.0


class Kind(enum.StrEnum):
    FIXED = "fixed"
    SLOW = "slow"
    WEIGHTED = "weighted"


class PlanError(ValueError):
    """There is no such plan. The message says what is wrong with it."""


class Turn(NamedTuple):
    channel: Channel
    seconds: float


class Heard(NamedTuple):
    """Frames on a channel, and the time it was listened to; both fade with time."""

    frames: float = 0.0
    seconds: float = 0.0

    def faded(self, seconds: float) -> "Heard":
        """What it weighs that much later."""
        left = 0.5 ** (seconds / HALF_LIFE_S)
        return Heard(self.frames * left, self.seconds * left)

    def with_more(self, frames: float, seconds: float) -> "Heard":
        return Heard(self.frames + frames, self.seconds + seconds)


class Plan(NamedTuple):
    kind: Kind
    channels: tuple[Channel, ...]
    """At least one, each once."""
    stay_s: float
    """On each channel; on the average, if weighted."""

    @classmethod
    def read(cls, written: str, stay_s: float) -> Self:
        """A plan as settings have it: its kind and the channels, `slow 1 6 11`.

        Raises:
            PlanError: there is no such plan.
        """
        kind, *numbers = written.split() or [""]
        if kind not in set(Kind):
            raise PlanError(f"a plan is fixed, slow or weighted, not {kind or 'empty'}")
        try:
            channels = tuple(Channel.of(int(number)) for number in numbers)
        except ValueError as error:
            raise PlanError(f"in the plan {written!r}: {error}") from None
        if not channels or len(set(channels)) < len(channels):
            raise PlanError(f"the plan {written!r} has to name channels, each once")
        if kind == Kind.FIXED and len(channels) > 1:
            raise PlanError(f"the plan {written!r} stays on one channel: it has to name one")
        return cls(Kind(kind), channels, stay_s)

    def limited_to(self, allowed: Sequence[Channel]) -> Self | None:
        """The same, with those channels alone that the radio may listen on; None if it has none."""
        left = tuple(channel for channel in self.channels if channel in allowed)
        return self._replace(channels=left) if left else None

    @property
    def hops(self) -> bool:
        return len(self.channels) > 1

    def turns(self, heard: Mapping[Channel, Heard]) -> tuple[Turn, ...]:
        """The next round, each channel once in the order of the plan."""
        if not self.hops:
            return (Turn(self.channels[0], _AGAIN_S),)
        if self.kind is not Kind.WEIGHTED:
            return tuple(Turn(channel, self.stay_s) for channel in self.channels)
        rates = [self._rate(heard.get(channel, Heard())) for channel in self.channels]
        floor = FLOOR * self.stay_s
        to_share = (self.stay_s - floor) * len(self.channels)
        return tuple(
            Turn(channel, floor + to_share * rate / sum(rates))
            for channel, rate in zip(self.channels, rates, strict=True)
        )

    def _rate(self, heard: Heard) -> float:
        """Frames a second: what was heard counts by the time that it took, or a channel that got
        more time would get ever more. One frame in one stay is added, so that a channel starts
        with as much as any other, and one with nothing at all is still a number.
        """
        return (heard.frames + 1) / (heard.seconds + self.stay_s)
