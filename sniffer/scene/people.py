"""Who comes to a shop and what they do there: trips past it, to its window, into it.

Where each number comes from: docs/simulator.md.
"""

import dataclasses
import enum
import math
import random

from sniffer.scene.models import Model
from sniffer.scene.premises import Point, Premises
from sniffer.scene.walk import Steps, Walk

_STREET_M = 25.0
"""How far along the street, from the shop's ends, somebody is near."""
_NEAR_SIDE_M, _FAR_SIDE_M, _FAR_SIDE = (1.2, 4.0), (11.0, 16.0), 0.3
_AT_WINDOW_M = 0.8
_WALK_M_S, _STROLL_M_S = (0.9, 1.6), (0.5, 1.0)

_LOOKS_IN_S = (5.0, 25.0)
_DWELL_MEDIAN_S, _DWELL_SIGMA = 560.0, 0.8
_DWELL_S = (20.0, 7200.0)
_BROWSES_S = 45.0


class Kind(enum.StrEnum):
    PASSER_BY = "passer-by"
    WINDOW_SHOPPER = "window-shopper"
    """Stops at the window and goes on."""
    VISITOR = "visitor"
    STAFF = "staff"
    FURNITURE = "furniture"
    NEIGHBOUR = "neighbour"
    """What is next door all the time: gear, and phones."""


@dataclasses.dataclass(frozen=True, slots=True)
class Trip:
    """Once near the shop, from coming to going."""

    kind: Kind
    walk: Walk
    inside_s: tuple[float, float] | None = None
    at_window_s: tuple[float, float] | None = None
    joins_s: float | None = None
    """When they join the shop's network."""


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or something that nobody carries."""

    number: int
    group: int
    trips: tuple[Trip, ...]
    devices: tuple[tuple[Model, int], ...]
    """What they have with Wi-Fi switched on: model and version."""


def pass_by(rng: random.Random, premises: Premises, at_s: float) -> Trip:
    side_m = rng.uniform(*(_FAR_SIDE_M if rng.random() < _FAR_SIDE else _NEAR_SIDE_M))
    ends = _ends(rng, premises, side_m)
    walk = Steps(at_s, ends[0]).go(ends[1], rng.uniform(*_WALK_M_S)).walk()
    return Trip(Kind.PASSER_BY, walk)


def look_in(rng: random.Random, premises: Premises, at_s: float) -> Trip:
    """Along the pavement, to the window for a while, and on."""
    ends = _ends(rng, premises, rng.uniform(*_NEAR_SIDE_M))
    pace_m_s = rng.uniform(*_WALK_M_S)
    window = Point(rng.uniform(0, premises.width_m), -_AT_WINDOW_M)
    steps = Steps(at_s, ends[0]).go(window, pace_m_s)
    since_s = steps.now_s
    steps.stay(_LOOKS_IN_S[0] + rng.expovariate(1 / _LOOKS_IN_S[1]))
    until_s = steps.now_s
    walk = steps.go(ends[1], pace_m_s).walk()
    return Trip(Kind.WINDOW_SHOPPER, walk, at_window_s=(since_s, until_s))


def visit(rng: random.Random, premises: Premises, at_s: float, closes_s: float) -> Trip:
    """In at the door, about the shop, and out again, when it closes at the latest."""
    ends = _ends(rng, premises, rng.uniform(*_NEAR_SIDE_M))
    pace_m_s = rng.uniform(*_WALK_M_S)
    steps = Steps(at_s, ends[0]).go(premises.door, pace_m_s)
    enters_s = steps.now_s
    dwell_s = rng.lognormvariate(math.log(_DWELL_MEDIAN_S), _DWELL_SIGMA)
    leaves_s = enters_s + min(max(dwell_s, _DWELL_S[0]), _DWELL_S[1], closes_s - enters_s)
    _browse(rng, premises, steps, leaves_s)
    walk = steps.go(ends[1], pace_m_s).walk()
    return Trip(Kind.VISITOR, walk, inside_s=(enters_s, leaves_s))


def shift(rng: random.Random, premises: Premises, since_s: float, until_s: float) -> Trip:
    """Somebody of the staff, for hours on end."""
    steps = Steps(since_s, premises.door)
    _browse(rng, premises, steps, until_s)
    return Trip(Kind.STAFF, steps.walk(), inside_s=(since_s, until_s))


def stand(kind: Kind, place: Point, since_s: float, until_s: float) -> Trip:
    """What stays where it is."""
    walk = Steps(since_s, place).stay(until_s - since_s).walk()
    return Trip(kind, walk, inside_s=None if kind is Kind.NEIGHBOUR else (since_s, until_s))


def _browse(rng: random.Random, premises: Premises, steps: Steps, until_s: float) -> None:
    """From place to place, and to the door at that time."""
    pace_m_s = rng.uniform(*_STROLL_M_S)
    while True:
        place, stays_s = premises.somewhere(rng), rng.expovariate(1 / _BROWSES_S)
        there_s = steps.now_s + math.dist(steps.points[-1], place) / pace_m_s + stays_s
        if there_s + math.dist(place, premises.door) / pace_m_s > until_s:
            break
        steps.go(place, pace_m_s).stay(stays_s)
    steps.reach(premises.door, until_s)


def _ends(rng: random.Random, premises: Premises, side_m: float) -> tuple[Point, Point]:
    """Where along the street somebody comes from and goes to."""
    ends = [Point(-_STREET_M, -side_m), Point(premises.width_m + _STREET_M, -side_m)]
    rng.shuffle(ends)
    return ends[0], ends[1]
