"""A day at a shop that never was, as its sensors would have heard it, and the truth of it."""

import dataclasses
import random
from collections.abc import Iterator

from sniffer.scene import premises
from sniffer.scene.day import Day
from sniffer.scene.people import Person
from sniffer.scene.premises import Premises
from sniffer.scene.staging import Staging


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scene(Staging):
    """What there is to a day. It starts when the shop opens; the defaults give about 1,500
    people in 8 hours.
    """

    hours: float = 8
    """How long the shop is open."""
    people_per_hour: float = 185
    """Who come near, on average over the day's ups and downs."""
    entry_rate: float = 0.15
    """The chance of each to come in; the truth says how many did."""
    staff: int = 3
    furniture: bool = True
    """Whether there are things with Wi-Fi in the shop and next door."""
    around_h: float = 0.0
    """How long before the opening, and after the closing, the sensors listen."""

    @property
    def premises(self) -> Premises:
        return premises.shop()

    @property
    def listens_s(self) -> tuple[float, float]:
        return -3600 * self.around_h, 3600 * (self.hours + self.around_h)

    def people(self, rng: random.Random) -> Iterator[Person]:
        since_s, until_s = self.listens_s
        day = Day(
            premises=self.premises,
            market=self.market,
            opens_at_h=self.start.hour + self.start.minute / 60,
            closes_s=3600 * self.hours,
            since_s=since_s,
            until_s=until_s,
            people_per_hour=self.people_per_hour,
            entry_rate=self.entry_rate,
            staff=self.staff,
            furniture=self.furniture,
        )
        return day.people(rng)
