"""Who walks past a shop and who comes in: where, when and for how long.

The sensor stands in the shop. Distances are metres from it, times seconds from the
scene's beginning. Signal falls with distance by a power law, and the shop front takes
some of it, so that with the default thresholds (-65 dBm inside, -88 dBm near) people in
the shop are inside, people in the street near, and nobody else is heard of.
"""

import bisect
import dataclasses
import enum
import math
import random
from collections.abc import Iterator

# Mean signal one metre away, its exponent of decay (a furnished room), the shop front.
_AT_ONE_METRE_DBM = -40
_EXPONENT = 3.0
_FRONT_DB = 8

_NEAR_M = 21.5
_STREET_M = (5.0, 12.0)
_DOOR_M = 6.5
_ROOM_M = (1.5, 6.0)
_WALK_M_S = (0.9, 1.6)

_LINGERS = 0.1
_LINGER_S = 180
_DWELL_MEDIAN_S, _DWELL_SIGMA = 560, 0.8
_DWELL_S = (45, 7200)
_STROLL_S = (30, 120)

# Share of the busiest hour, from opening time on; then again.
_HOURS = (0.5, 0.7, 0.9, 1.0, 0.9, 0.8, 0.8, 0.9, 1.0, 1.0, 0.8, 0.5)


class Kind(enum.StrEnum):
    PASSER_BY = "passer-by"
    VISITOR = "visitor"
    STAFF = "staff"
    FIXTURE = "fixture"


@dataclasses.dataclass(frozen=True, slots=True)
class Path:
    """Where somebody is, by a straight line from each point to the next."""

    kind: Kind
    times_s: tuple[float, ...]
    distances_m: tuple[float, ...]
    inside_s: tuple[float, float] | None

    @property
    def near_s(self) -> tuple[float, float]:
        return self.times_s[0], self.times_s[-1]

    def mean_signal_dbm(self, at_s: float) -> float:
        after = min(max(bisect.bisect(self.times_s, at_s), 1), len(self.times_s) - 1)
        start, end = self.times_s[after - 1 : after + 1]
        far, near = self.distances_m[after - 1 : after + 1]
        part = (at_s - start) / (end - start)
        signal = _AT_ONE_METRE_DBM - 10 * _EXPONENT * math.log10(far + part * (near - far))
        indoors = self.inside_s is not None and self.inside_s[0] <= at_s <= self.inside_s[1]
        return signal if indoors else signal - _FRONT_DB


def arrivals_s(rng: random.Random, hours: float, mean_per_hour: float) -> Iterator[float]:
    """When people come by: a Poisson process whose rate follows the hour."""
    mean_share = sum(_HOURS) / len(_HOURS)
    busiest_per_s = mean_per_hour / mean_share / 3600
    at_s = rng.expovariate(busiest_per_s)
    while at_s < hours * 3600:
        if rng.random() < _HOURS[int(at_s // 3600) % len(_HOURS)]:
            yield at_s
        at_s += rng.expovariate(busiest_per_s)


def passer_by(rng: random.Random, at_s: float) -> Path:
    """Somebody who walks along the street; one in ten stops at the window."""
    nearest_m = rng.uniform(*_STREET_M)
    half_s = math.sqrt(_NEAR_M**2 - nearest_m**2) / rng.uniform(*_WALK_M_S)
    stops_s = 1 + (rng.expovariate(1 / _LINGER_S) if rng.random() < _LINGERS else 0)
    times_s = (at_s, at_s + half_s, at_s + half_s + stops_s, at_s + 2 * half_s + stops_s)
    return Path(Kind.PASSER_BY, times_s, (_NEAR_M, nearest_m, nearest_m, _NEAR_M), None)


def visitor(rng: random.Random, at_s: float) -> Path:
    """Somebody who comes in, strolls about and leaves."""
    walk_s = (_NEAR_M - _DOOR_M) / rng.uniform(*_WALK_M_S)
    dwell_s = rng.lognormvariate(math.log(_DWELL_MEDIAN_S), _DWELL_SIGMA)
    dwell_s = min(max(dwell_s, _DWELL_S[0]), _DWELL_S[1])
    enters_s, leaves_s = at_s + walk_s, at_s + walk_s + dwell_s
    strolls = list(_strolls(rng, enters_s, leaves_s))
    points = [(at_s, _NEAR_M), (enters_s, _DOOR_M), *strolls, (leaves_s, _DOOR_M)]
    points.append((leaves_s + walk_s, _NEAR_M))
    times_s, distances_m = zip(*points, strict=True)
    return Path(Kind.VISITOR, times_s, distances_m, (enters_s, leaves_s))


def staff(rng: random.Random, end_s: float) -> Path:
    strolls = list(_strolls(rng, 0, end_s))
    points = [(0.0, _DOOR_M), *strolls, (end_s, _DOOR_M)]
    times_s, distances_m = zip(*points, strict=True)
    return Path(Kind.STAFF, times_s, distances_m, (0, end_s))


def fixture(rng: random.Random, end_s: float) -> Path:
    at_m = rng.uniform(*_ROOM_M)
    return Path(Kind.FIXTURE, (0, end_s), (at_m, at_m), (0, end_s))


def _strolls(rng: random.Random, start_s: float, end_s: float) -> Iterator[tuple[float, float]]:
    at_s = start_s + rng.uniform(*_STROLL_S)
    while at_s < end_s:
        yield at_s, rng.uniform(*_ROOM_M)
        at_s += rng.uniform(*_STROLL_S)
