"""When people come to a shop: by a curve of the day, by ones and twos and more, once or again.

All numbers here are assumptions but for groups: up to 70 % of people in a crowd walk in
some, mostly in twos (Moussaïd et al., PLoS ONE 5(4), 2010); here it is 60 %.
"""

import dataclasses
import math
import operator
import random
from collections.abc import Iterator

from sniffer.scene import people
from sniffer.scene.market import Market, things
from sniffer.scene.models import Model
from sniffer.scene.people import Kind, Person, Trip
from sniffer.scene.premises import Premises

# Share of the busiest hour, by the clock.
_CURVE = (
    0.02, 0.01, 0.01, 0.01, 0.02, 0.05, 0.15, 0.35, 0.5, 0.5, 0.55, 0.7,
    0.9, 0.85, 0.75, 0.75, 0.8, 0.95, 1.0, 1.0, 0.85, 0.55, 0.25, 0.08,
)  # fmt: skip

_GROUP_OF = (1, 2, 3, 4)
_GROUP_SHARE = (0.62, 0.27, 0.08, 0.03)
_BESIDE_M = 0.7

_LOOKS_IN = 0.08
_JOINS, _JOINS_AFTER_S = 0.12, (60.0, 240.0)
_COMES_AGAIN, _AGAIN_AFTER_S = 0.05, (1800.0, 4 * 3600.0)
_LAST_ENTRY_S = 300.0

Device = tuple[Model, int]


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    """Seconds count from the opening; the air is listened to from `since_s` to `until_s`."""

    premises: Premises
    market: Market
    opens_at_h: float
    """By the clock."""
    closes_s: float
    since_s: float
    until_s: float
    people_per_hour: float
    """Who come near, on average over the day's ups and downs."""
    entry_rate: float
    staff: int
    furniture: bool

    def people(self, rng: random.Random) -> Iterator[Person]:
        """Everybody and everything, in the order of coming."""
        always = list(self._always_there(rng))
        for number, (trip, devices) in enumerate(always):
            yield Person(number, number, (trip,), tuple(devices))
        number = len(always)
        for at_s in self._arrivals_s(rng):
            group, trips = number, self._plan(rng, at_s)
            for beside in range(rng.choices(_GROUP_OF, _GROUP_SHARE)[0]):
                own = tuple(self._own(rng, trip, beside * _BESIDE_M) for trip in trips)
                yield Person(number, group, own, tuple(self.market.carried(rng)))
                number += 1

    def _always_there(self, rng: random.Random) -> Iterator[tuple[Trip, list[Device]]]:
        since_s, until_s = self.since_s, self.until_s
        if self.furniture:
            for thing in things(rng, "furniture"):
                place = self.premises.somewhere(rng)
                yield people.stand(Kind.FURNITURE, place, since_s, until_s), [thing]
            for thing in things(rng, "neighbours"):
                place = self.premises.next_door(rng)
                yield people.stand(Kind.NEIGHBOUR, place, since_s, until_s), [thing]
        for _ in range(self.staff):
            trip = people.shift(rng, self.premises, 0, self.closes_s)
            yield trip, [self.market.phone(rng)]

    def _arrivals_s(self, rng: random.Random) -> Iterator[float]:
        """When groups come by: a Poisson process whose rate follows the hour."""
        hours = range(int(self.opens_at_h), math.ceil(self.opens_at_h + self.closes_s / 3600))
        mean_share = sum(_CURVE[hour % 24] for hour in hours) / len(hours)
        mean_size = sum(map(operator.mul, _GROUP_OF, _GROUP_SHARE))
        busiest_per_s = self.people_per_hour / mean_size / mean_share / 3600
        at_s = self.since_s + rng.expovariate(busiest_per_s)
        while at_s < self.until_s:
            if rng.random() < _CURVE[math.floor(self.opens_at_h + at_s / 3600) % 24]:
                yield at_s
            at_s += rng.expovariate(busiest_per_s)

    def _plan(self, rng: random.Random, at_s: float) -> tuple[Trip, ...]:
        trips = [self._trip(rng, at_s)]
        if rng.random() < _COMES_AGAIN:
            again_s = trips[0].walk.end_s + rng.uniform(*_AGAIN_AFTER_S)
            if again_s < self.until_s:
                trips.append(self._trip(rng, again_s))
        return tuple(trips)

    def _trip(self, rng: random.Random, at_s: float) -> Trip:
        """Nobody comes in before the shop opens, nor in the last minutes."""
        comes_in = rng.random() < self.entry_rate
        if comes_in and 0 <= at_s < self.closes_s - _LAST_ENTRY_S:
            return people.visit(rng, self.premises, at_s, self.closes_s)
        if rng.random() < _LOOKS_IN:
            return people.look_in(rng, self.premises, at_s)
        return people.pass_by(rng, self.premises, at_s)

    def _own(self, rng: random.Random, trip: Trip, beside_m: float) -> Trip:
        """What one of a group does on their common trip."""
        joins_s = None
        if trip.inside_s and rng.random() < _JOINS:
            joins_s = trip.inside_s[0] + rng.uniform(*_JOINS_AFTER_S)
        return dataclasses.replace(trip, walk=trip.walk.beside(beside_m), joins_s=joins_s)
