"""Keeps one radio where its plan says, and mends it. No thread and no clock here."""

import collections
from collections.abc import Callable, Sequence
from typing import Protocol

from core.log import Log
from sniffer.radio.channels import Channel
from sniffer.radio.plans import Heard, Plan, Turn
from sniffer.radio.receiver import RadioError
from sniffer.radio.rtnetlink import Link

# Between two tries to mend it: a program that fights for the radio shall not be outpaced, and
# nobody who plugs it in again waits long.
AGAIN_S = 2.0

_log = Log("radio")


class Receiver(Protocol):
    """What is asked of the radio. RadioError if it cannot."""

    name: str

    def prepare(self) -> None: ...
    def take_down(self) -> None: ...
    def is_ready(self) -> bool: ...
    def fit(self, plan: Plan) -> tuple[Plan | None, str | None]: ...
    def tune(self, channel: Channel) -> None: ...


class Hopper:
    """Call `step` when the moment has come that it named, and after a `notice` that matters.

    Times are seconds of a clock that is never set back.
    """

    def __init__(self, receiver: Receiver, plan: Plan, frames: Callable[[], int]) -> None:
        """`frames` tells how many have been heard on this radio, since whenever."""
        self._receiver = receiver
        self._plan = plan
        self._frames = frames
        self._turns: collections.deque[Turn] = collections.deque()
        self._limits: str | None = None
        self._refused: dict[Channel, str] = {}
        self._heard: dict[Channel, Heard] = {}
        self._counted_at, self._counted = 0.0, 0
        self._hop_at = 0.0
        self._mend_at = 0.0
        self._is_stuck = False
        self.channel: Channel | None = None
        """Where it was told to listen; None while it could not be."""
        self.problem: str | None = None
        """What keeps it from listening as planned, and what to mend."""

    def step(self, now: float) -> float:
        """Mend the radio, or move it, if it is time to; the moment of the next step."""
        try:
            if self._is_stuck:
                self._is_stuck = False
                self._mend_at = now
                self._receiver.take_down()
            if not self._receiver.is_ready():
                self._leave(now)
                if now < self._mend_at:
                    return self._mend_at
                self._mend_at = now + AGAIN_S
                self._receiver.prepare()
                self._hop_at = now
            if now >= self._hop_at:
                self._hop(now)
        except RadioError as error:
            self._leave(now)
            self._tell(str(error))
            self._hop_at = now + AGAIN_S
        return self._hop_at

    def renew(self) -> None:
        """In the next step, set the radio up anew though it seems to be well."""
        self._is_stuck = True

    def concerns(self, links: Sequence[Link] | None) -> bool:
        """Whether what the kernel told (None: it is not known what) may ask for a step."""
        return links is None or any(link.name == self._receiver.name for link in links)

    def _hop(self, now: float) -> None:
        self._leave(now)
        if not self._turns:
            possible, self._limits = self._receiver.fit(self._plan)
            if possible is None:
                raise RadioError(self._limits)
            self._turns.extend(possible.turns(self._heard))
        turn = self._turns.popleft()
        try:
            self._receiver.tune(turn.channel)
        except RadioError as error:
            self._refused[turn.channel] = str(error)
            raise
        self._refused.pop(turn.channel, None)
        self._tell(self._limits or next(iter(self._refused.values()), None))
        self.channel = turn.channel
        self._hop_at = now + turn.seconds

    def _leave(self, now: float) -> None:
        """Note what was heard since the last time, where it listened until now."""
        seconds, frames = now - self._counted_at, self._frames()
        self._heard = {at: heard.faded(seconds) for at, heard in self._heard.items()}
        if self.channel is not None:
            known = self._heard.get(self.channel, Heard())
            self._heard[self.channel] = known.with_more(frames - self._counted, seconds)
        self._counted_at, self._counted = now, frames
        self.channel = None

    def _tell(self, problem: str | None) -> None:
        if problem == self.problem:
            return
        self.problem = problem
        if problem:
            _log.warning("radio does not listen as planned", problem=problem)
        else:
            _log.info("radio listens as planned", interface=self._receiver.name)
