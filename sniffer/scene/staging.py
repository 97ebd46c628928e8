"""What every scene has: a beginning, a seed, sensors, and the phones that are about."""

import abc
import dataclasses
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

from sniffer.scene import capture
from sniffer.scene.listening import HeardFrame, Sensors
from sniffer.scene.market import Market
from sniffer.scene.people import Person
from sniffer.scene.premises import Premises
from sniffer.scene.recording import Recording
from sniffer.scene.truth import Truth


@dataclasses.dataclass(frozen=True, slots=True)
class Staging(abc.ABC):
    """The same seed gives the same capture, octet by octet."""

    start: dt.datetime
    """What all seconds count from; with a zone."""
    _: dataclasses.KW_ONLY
    seed: int = 1
    sensors: int = 1
    channels: tuple[int, ...] = (1, 6, 11)
    hop_s: float = 0.0
    """How long the one card of a sensor stays on each channel; 0 for a card on each."""
    with_fcs: bool = True
    """Whether the sensors' drivers leave the frame check sequence on."""
    same_model: float = 0.0
    """Share of phones that are of the commonest model."""
    year: int | None = None
    """By which phones are older or newer; None for that of the market's mix."""

    @property
    @abc.abstractmethod
    def premises(self) -> Premises:
        """Where it is."""

    @property
    @abc.abstractmethod
    def listens_s(self) -> tuple[float, float]:
        """From when until when the sensors listen."""

    @abc.abstractmethod
    def people(self, rng: random.Random) -> Iterator[Person]:
        """Everybody and everything, in the order of coming."""

    @property
    def market(self) -> Market:
        return Market(self.same_model, self.year)

    def record(self) -> Recording:
        """All frames, one by one; the truth, once they have been played."""
        rng = random.Random(f"{self.seed} people")  # noqa: S311 - repeatable on purpose
        sensors = Sensors.hung(
            self.premises, self.sensors, self.channels, with_fcs=self.with_fcs, hop_s=self.hop_s
        )
        return Recording(self.start, self.seed, self.people(rng), sensors, self.listens_s)

    def play(self) -> tuple[list[HeardFrame], Truth]:
        """All frames by time, and what really happened."""
        recording = self.record()
        return list(recording), recording.truth()

    def write(self, path: Path) -> Truth:
        """Write what one sensor hears as a pcap file with radiotap headers."""
        recording = self.record()
        capture.write(path, recording)
        return recording.truth()
