"""A day at a shop that never was, as its sensors would have heard it, and the truth of it.

The same seed gives the same capture, octet by octet.
"""

import dataclasses
import datetime as dt
import random
from pathlib import Path

from sniffer.scene import capture, premises
from sniffer.scene.day import Day
from sniffer.scene.listening import HeardFrame, Sensors
from sniffer.scene.market import Market
from sniffer.scene.recording import Recording
from sniffer.scene.truth import Truth


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """What there is to a day. The defaults give about 1,500 people in 8 hours."""

    start: dt.datetime
    """When the shop opens; with a zone."""
    seed: int = 1
    hours: float = 8
    """How long it is open."""
    people_per_hour: float = 185
    """Who come near, on average over the day's ups and downs."""
    entry_rate: float = 0.15
    """The chance of each to come in; the truth says how many did."""
    staff: int = 3
    furniture: bool = True
    """Whether there are things with Wi-Fi in the shop and next door."""
    listens_before_h: float = 0
    """How long before the opening, and after the closing, the sensors listen."""
    sensors: int = 1
    channels: tuple[int, ...] = (1, 6, 11)
    with_fcs: bool = True
    """Whether the sensors' drivers leave the frame check sequence on."""
    same_model: float = 0.0
    """Share of phones that are of the commonest model."""
    year: int | None = None
    """By which phones are older or newer; None for that of the market's mix."""

    def record(self) -> Recording:
        place = premises.shop()
        around_s = 3600 * self.listens_before_h
        day = Day(
            premises=place,
            market=Market(self.same_model, self.year),
            opens_at_h=self.start.hour + self.start.minute / 60,
            closes_s=3600 * self.hours,
            since_s=-around_s,
            until_s=3600 * self.hours + around_s,
            people_per_hour=self.people_per_hour,
            entry_rate=self.entry_rate,
            staff=self.staff,
            furniture=self.furniture,
        )
        rng = random.Random(f"{self.seed} people")  # noqa: S311 - repeatable on purpose
        sensors = Sensors.hung(place, self.sensors, self.channels, with_fcs=self.with_fcs)
        listens_s = day.since_s, day.until_s
        return Recording(self.start, self.seed, day.people(rng), sensors, listens_s)

    def play(self) -> tuple[list[HeardFrame], Truth]:
        """All frames by time, and what really happened."""
        recording = self.record()
        return list(recording), recording.truth()

    def write(self, path: Path) -> Truth:
        """Write the capture as a pcap file with radiotap headers."""
        recording = self.record()
        capture.write(path, recording)
        return recording.truth()
