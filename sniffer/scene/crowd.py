"""So many people in one room for so long, one phone each: a count to be found.

The same seed gives the same capture, octet by octet.
"""

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

from sniffer.scene import capture, people, premises
from sniffer.scene.listening import HeardFrame, Sensors
from sniffer.scene.market import Market
from sniffer.scene.people import Kind, Person
from sniffer.scene.premises import Premises
from sniffer.scene.recording import Recording
from sniffer.scene.truth import Truth


@dataclasses.dataclass(frozen=True, slots=True)
class Crowd:
    start: dt.datetime
    """With a zone."""
    seed: int = 1
    devices: int = 60
    minutes: float = 15
    sensors: int = 1
    channels: tuple[int, ...] = (1, 6, 11)
    with_fcs: bool = True
    same_model: float = 0.0
    """Share of phones that are of the commonest model."""
    year: int | None = None
    """By which phones are older or newer; None for that of the market's mix."""

    def record(self) -> Recording:
        place = premises.room(self.devices)
        sensors = Sensors.hung(place, self.sensors, self.channels, with_fcs=self.with_fcs)
        listens_s = 0, 60 * self.minutes
        return Recording(self.start, self.seed, self._people(place), sensors, listens_s)

    def play(self) -> tuple[list[HeardFrame], Truth]:
        """All frames by time, and what really happened."""
        recording = self.record()
        return list(recording), recording.truth()

    def write(self, path: Path) -> Truth:
        """Write the capture as a pcap file with radiotap headers."""
        recording = self.record()
        capture.write(path, recording)
        return recording.truth()

    def _people(self, place: Premises) -> Iterator[Person]:
        rng = random.Random(f"{self.seed} people")  # noqa: S311 - repeatable on purpose
        market = Market(self.same_model, self.year)
        for number in range(self.devices):
            seat = people.stand(Kind.VISITOR, place.somewhere(rng), 0, 60 * self.minutes)
            yield Person(number, number, (seat,), (market.phone(rng),))
