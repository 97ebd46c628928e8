"""So many people in one room for so long, one phone each: a count to be found."""

import dataclasses
import random
from collections.abc import Iterator

from sniffer.scene import people, premises
from sniffer.scene.people import Kind, Person
from sniffer.scene.premises import Premises
from sniffer.scene.staging import Staging


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Crowd(Staging):
    devices: int = 60
    minutes: float = 15

    @property
    def premises(self) -> Premises:
        return premises.room(self.devices)

    @property
    def listens_s(self) -> tuple[float, float]:
        return 0.0, 60 * self.minutes

    def people(self, rng: random.Random) -> Iterator[Person]:
        place, market = self.premises, self.market
        for number in range(self.devices):
            seat = people.stand(Kind.VISITOR, place.somewhere(rng), *self.listens_s)
            yield Person(number, number, (seat,), (market.phone(rng),))
