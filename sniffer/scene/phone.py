"""How one phone behaves: when it probes, under which address, with which number."""

import dataclasses
import math
import random
from collections.abc import Iterator

from sniffer.scene import radio
from sniffer.scene.models import AddressHabit, PhoneModel

# Real intervals between bursts lie between these, and scatter so much around the median.
_INTERVAL_S = (5.0, 300.0)
_INTERVAL_SIGMA = 0.35

_SCREEN_ON = 0.35
_SCREEN_STAYS = 0.7
_SHORT_LOOK = 0.3
_ADDRESS_MINUTES = (3.0, 12.0)
_BETWEEN_FRAMES_S = (0.012, 0.03)
_NETWORK_NAMES = (b"Villa Rosalind", b"Kiosk-Nord", b"pomelo 5G", b"Room 204")
_LOCAL, _GROUP = 0x02, 0x01


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    at_s: float
    frame: bytes
    sender: bytes
    sequence: int
    channel: int


class Phone:
    """A phone (or a thing with Wi-Fi) of some model and version."""

    def __init__(self, rng: random.Random, model: PhoneModel) -> None:
        self._rng = rng
        self._model = model
        # The newest version is the commonest, the one before half as common, and so on.
        ages = range(model.versions)
        self._version = rng.choices(ages, [0.6**age for age in ages])[0]
        self._name = rng.choice(_NETWORK_NAMES)
        self._screen_on = rng.random() < _SCREEN_ON
        self._sequence = rng.randrange(4096)
        self._address = self._made_up(factory=model.address is AddressHabit.FACTORY)
        self._keeps_until_s = -math.inf

    def between(self, start_s: float, end_s: float) -> Iterator[Sent]:
        """All it sends in that time. The first burst comes at a random moment of its pace."""
        at_s = start_s + self._rng.random() * self._interval_s()
        while at_s < end_s:
            self._change_address(at_s)
            yield from self._burst(at_s)
            at_s += self._interval_s()

    def _burst(self, at_s: float) -> Iterator[Sent]:
        for channel in radio.CHANNELS:
            looks = [(False, b"")] * self._model.frames
            if self._rng.random() < _SHORT_LOOK:
                looks.append((True, b""))
            if self._model.asks_by_name:
                looks.append((False, self._name))
            for short, name in looks:
                frame = _frame(self._model, self._version, channel, short, name)
                yield Sent(at_s, frame, self._address, self._sequence, channel)
                self._sequence += 1
                at_s += self._rng.uniform(*_BETWEEN_FRAMES_S)

    def _interval_s(self) -> float:
        if self._rng.random() >= _SCREEN_STAYS:
            self._screen_on = self._rng.random() < _SCREEN_ON
        median_s = self._model.interval_s[0 if self._screen_on else 1]
        interval_s = self._rng.lognormvariate(math.log(median_s), _INTERVAL_SIGMA)
        return min(max(interval_s, _INTERVAL_S[0]), _INTERVAL_S[1])

    def _change_address(self, at_s: float) -> None:
        habit = self._model.address
        if habit is AddressHabit.FACTORY or at_s < self._keeps_until_s:
            return
        self._address = self._made_up(factory=False)
        if habit is AddressHabit.MINUTES:
            self._keeps_until_s = at_s + 60 * self._rng.uniform(*_ADDRESS_MINUTES)
        if self._model.restarts:
            self._sequence = self._rng.randrange(4096)

    def _made_up(self, *, factory: bool) -> bytes:
        first, *rest = self._rng.randbytes(6)
        first &= ~(_GROUP | _LOCAL)
        return bytes((first if factory else first | _LOCAL, *rest))


_frames: dict[tuple[str, int, int, bool, bytes], bytes] = {}


def _frame(model: PhoneModel, version: int, channel: int, short: bool, name: bytes) -> bytes:
    key = (model.name, version, channel, short, name)
    if key not in _frames:
        _frames[key] = radio.probe_request(model.elements(version, channel, short=short), name)
    return _frames[key]
