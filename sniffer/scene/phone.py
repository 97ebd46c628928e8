"""How one phone looks for networks: when, on which channels, and with what.

A burst goes over the channels one by one, so a sensor on one of them hears a few frames of
it, and those on neighbouring channels more faintly. Where each number comes from:
docs/simulator.md.
"""

import dataclasses
import math
import random
from collections.abc import Generator, Iterator

from sniffer.scene import elements, radio
from sniffer.scene.elements import Look
from sniffer.scene.models import AddressLife, Model
from sniffer.scene.sender import Sender

# Mean time that a screen is on, and off.
_ON_S, _OFF_S = 80.0, 200.0

# The interval between bursts scatters so much around a model's median, of phones that probe
# by the clock and of others; and one phone's pace around its model's.
_BY_THE_CLOCK_SIGMA, _SIGMA, _PACE_SIGMA = 0.03, 0.55, 0.35
_INTERVAL_S = (5.0, 600.0)
_ON_A_NETWORK_FACTOR = 3.0

_CHANNELS_24, _CHANNELS_5 = range(1, 14), (36, 40, 44, 48, 149, 153, 157, 161, 165)
CHANNELS = frozenset((*_CHANNELS_24, *_CHANNELS_5))
_FEW_CHANNELS = (1, 6, 11)
_BETWEEN_FRAMES_S, _BETWEEN_CHANNELS_S = (0.008, 0.022), (0.015, 0.04)
_AGAIN = 0.35
_OTHER_LOOK = 0.3
# Of the bursts that older phones leave to the radio, so many are made in full after all.
_IN_FULL = 0.15

# What leaves a phone: ASSUMPTION for the mean, 15 dBm less its antenna and a hand; in a pocket,
# where it is while its screen is off, a body takes more. The medians of 22 phones that lay in
# one place had a standard deviation of 4.5 to 5 dB.
_POWER_DBM, _POWER_SIGMA_DB, _IN_POCKET_DB = 5.0, 4.5, 5.0

_NAMES = (b"Villa Rosalind", b"Kiosk-Nord", b"pomelo 5G", b"Room 204", b"lantern", b"Bus 17")


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    at_s: float
    frame: bytes
    sender: bytes
    sequence: int
    channel: int
    power_dbm: float


class Phone:
    """A phone (or a thing with Wi-Fi) of some model and version.

    Args:
        rng: its own.
        model: what it is.
        version: of its system.
        heard: channels near which somebody listens. Of the others no frame is made up; only
            the time and the numbers they take count.
        screen_on: whether its screen stays on, or off; None if it goes on and off.
    """

    def __init__(
        self,
        rng: random.Random,
        model: Model,
        version: int,
        heard: frozenset[int],
        *,
        screen_on: bool | None = None,
    ) -> None:
        self._rng, self._model, self._version, self._heard = rng, model, version, heard
        self._names = rng.sample(_NAMES, model.saved_names)
        self._pace = 1.0 if model.regular else rng.lognormvariate(0, _PACE_SIGMA)
        self._switches = screen_on is None and model.is_carried
        on = screen_on if screen_on is not None else rng.random() < _ON_S / (_ON_S + _OFF_S)
        self._screen_on = on
        self._power_dbm = rng.gauss(_POWER_DBM, _POWER_SIGMA_DB)
        self._fives = _CHANNELS_5 if model.five else ()
        self._sender = Sender(rng, model)
        self._network: bytes | None = None

    def between(
        self, start_s: float, end_s: float, joins: tuple[float, bytes] | None = None
    ) -> Iterator[Sent]:
        """All it sends in that time. The first burst comes at a random moment of its pace.

        Args:
            start_s: when it comes near.
            end_s: when it is gone.
            joins: when it joins the shop's network, and that network's name.
        """
        self._network = None
        self._sender.leave()
        switches_s = start_s + self._screen_lasts_s()
        at_s = start_s + self._rng.random() * self._interval_s()
        while min(at_s, switches_s) < end_s:
            if switches_s < at_s:
                self._screen_on = not self._screen_on
                # A phone that is woken up looks around at once.
                at_s = switches_s + (1 if self._screen_on else self._interval_s())
                switches_s += self._screen_lasts_s()
                continue
            if joins and at_s >= joins[0] and self._network is None:
                self._network = joins[1]
                self._sender.join()
            ended_s = yield from self._burst(at_s, end_s)
            at_s = ended_s + self._interval_s()

    def _burst(self, at_s: float, end_s: float) -> Generator[Sent, None, float]:
        """Returns when it is over."""
        few = self._rng.random() < self._model.few
        channels = (*(_FEW_CHANNELS if few else _CHANNELS_24), *self._fives)
        life, looks = self._life(), self._looks()
        in_pocket = self._model.is_carried and not self._screen_on
        power_dbm = self._power_dbm - (_IN_POCKET_DB if in_pocket else 0)
        for number, channel in enumerate(channels):
            self._sender.begin(life, at_s, number)
            for name in self._asked(life):
                sender, sequence = self._sender.next(life)
                look = elements.BARE if life is AddressLife.FRAME else next(looks)
                if channel in self._heard and at_s < end_s:
                    content = elements.of(self._model, self._version, look, channel)
                    frame = radio.probe_request(content, name)
                    yield Sent(at_s, frame, sender, sequence, channel, power_dbm)
                at_s += self._rng.uniform(*_BETWEEN_FRAMES_S)
            at_s += self._rng.uniform(*_BETWEEN_CHANNELS_S)
        return at_s

    def _life(self) -> AddressLife:
        life = self._model.address if self._screen_on else self._model.asleep
        if life is AddressLife.FRAME and self._rng.random() < _IN_FULL:
            return AddressLife.BURST
        return life

    def _asked(self, life: AddressLife) -> Iterator[bytes]:
        """The networks asked for on one channel, by a probe request each; b"" for any."""
        if self._network is not None:
            yield self._network
            return
        yield b""
        if life is AddressLife.FRAME:
            return
        for _ in range(self._model.frames - 1 + (self._rng.random() < _AGAIN)):
            yield b""
        if self._screen_on:
            yield from self._names

    def _looks(self) -> Iterator[int]:
        """The look of each probe request of a burst."""
        looks, of_burst = self._model.looks, Look.FULL
        if looks > 1 and self._rng.random() < _OTHER_LOOK:
            of_burst = Look.SHORT
        while True:
            if self._model.apart or looks == 1:
                yield of_burst
            else:
                other = self._rng.random() < _OTHER_LOOK
                yield self._rng.randrange(1, looks) if other else Look.FULL

    def _interval_s(self) -> float:
        model = self._model
        median_s = self._pace * model.interval_s[0 if self._screen_on else 1]
        if self._network is not None:
            median_s *= _ON_A_NETWORK_FACTOR
        sigma = _BY_THE_CLOCK_SIGMA if model.regular else _SIGMA
        interval_s = self._rng.lognormvariate(math.log(median_s), sigma)
        return min(max(interval_s, _INTERVAL_S[0]), _INTERVAL_S[1])

    def _screen_lasts_s(self) -> float:
        if not self._switches:
            return math.inf
        return self._rng.expovariate(1 / (_ON_S if self._screen_on else _OFF_S))
