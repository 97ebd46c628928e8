"""Where somebody is at any time: by a straight line from each point to the next."""

import bisect
import dataclasses
import math

from sniffer.scene.premises import Point


@dataclasses.dataclass(frozen=True, slots=True)
class Walk:
    """Times are seconds from the scene's beginning."""

    times_s: tuple[float, ...]
    points: tuple[Point, ...]

    @property
    def start_s(self) -> float:
        return self.times_s[0]

    @property
    def end_s(self) -> float:
        return self.times_s[-1]

    def place(self, at_s: float) -> Point:
        after = min(max(bisect.bisect(self.times_s, at_s), 1), len(self.times_s) - 1)
        start_s, end_s = self.times_s[after - 1 : after + 1]
        if end_s <= start_s:
            return self.points[after]
        part = min(max((at_s - start_s) / (end_s - start_s), 0.0), 1.0)
        one, other = self.points[after - 1 : after + 1]
        return Point(one.x + part * (other.x - one.x), one.y + part * (other.y - one.y))

    def beside(self, metres: float) -> "Walk":
        """The walk of somebody who goes along with this one."""
        return Walk(self.times_s, tuple(Point(x + metres, y) for x, y in self.points))


class Steps:
    """Puts a walk together."""

    def __init__(self, at_s: float, place: Point) -> None:
        self.times_s, self.points = [at_s], [place]

    @property
    def now_s(self) -> float:
        return self.times_s[-1]

    def go(self, place: Point, metres_per_s: float) -> "Steps":
        here = self.points[-1]
        return self.reach(place, self.now_s + math.dist(here, place) / metres_per_s)

    def stay(self, seconds: float) -> "Steps":
        return self.reach(self.points[-1], self.now_s + seconds)

    def walk(self) -> Walk:
        return Walk(tuple(self.times_s), tuple(self.points))

    def reach(self, place: Point, at_s: float) -> "Steps":
        self.times_s.append(at_s)
        self.points.append(place)
        return self
