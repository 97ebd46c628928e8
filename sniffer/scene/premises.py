"""The plan of a place: where people can be, where sensors hang, and the walls between.

Metres. The shop front lies on y = 0, with the street at y < 0, the shop at y > 0 and its
left corner at x = 0; neighbours are behind the other three walls.
"""

import dataclasses
import random
from typing import NamedTuple


class Point(NamedTuple):
    x: float
    y: float


class Wall(NamedTuple):
    """A straight wall and what a signal loses in it: so much, and so much for each GHz."""

    start: Point
    end: Point
    loss_db: float
    per_ghz_db: float = 0.0

    def lies_between(self, one: Point, other: Point) -> bool:
        return _side(self.start, self.end, one) != _side(self.start, self.end, other) and _side(
            one, other, self.start
        ) != _side(one, other, self.end)


# 3GPP TR 38.901, table 7.4.3-1: standard glass, concrete. ASSUMPTION: what is on show in a
# shop window and who stands before it take as much again as another pane or two.
_GLASS, _ON_SHOW_DB = (2.0, 0.2), 5.5
_CONCRETE = (5.0, 4.0)

_KEEPS_OFF_M = 0.7
_DOOR_M = 1.6
_NEXT_DOOR_M, _ROW_M = 8.0, 40.0


@dataclasses.dataclass(frozen=True, slots=True)
class Premises:
    width_m: float
    depth_m: float
    walls: tuple[Wall, ...]

    @property
    def door(self) -> Point:
        return Point(self.width_m / 2, 0.0)

    def sensors(self, count: int) -> tuple[Point, ...]:
        """Places along the middle of the shop, the first by the till."""
        return tuple(
            Point(self.width_m / 2 + 0.5, self.depth_m * (each + 1) / (count + 1) + 0.1)
            for each in range(count)
        )

    def somewhere(self, rng: random.Random) -> Point:
        """A place where people go."""
        off = _KEEPS_OFF_M
        return Point(rng.uniform(off, self.width_m - off), rng.uniform(2 * off, self.depth_m - off))

    def next_door(self, rng: random.Random) -> Point:
        """A place on the other side of one of three walls."""
        side = rng.randrange(3)
        off = rng.uniform(1, _NEXT_DOOR_M)
        if side == 0:
            return Point(-off, rng.uniform(0, self.depth_m))
        if side == 1:
            return Point(self.width_m + off, rng.uniform(0, self.depth_m))
        return Point(rng.uniform(0, self.width_m), self.depth_m + off)

    def wall_loss_db(self, one: Point, other: Point, ghz: float) -> float:
        return sum(
            wall.loss_db + wall.per_ghz_db * ghz
            for wall in self.walls
            if wall.lies_between(one, other)
        )


def shop(width_m: float = 10.0, depth_m: float = 14.0) -> Premises:
    """A shop in a row of shops: a glass front with an open door, concrete to the neighbours,
    whose fronts go on along the street.
    """
    left, right = Point(0, 0), Point(width_m, 0)
    door, far = width_m / 2, _ROW_M
    shown = (_GLASS[0] + _ON_SHOW_DB, _GLASS[1])
    walls = (
        Wall(left, Point(door - _DOOR_M / 2, 0), *shown),
        Wall(Point(door + _DOOR_M / 2, 0), right, *shown),
        Wall(Point(-far, 0), left, *shown),
        Wall(right, Point(width_m + far, 0), *shown),
        Wall(left, Point(0, depth_m), *_CONCRETE),
        Wall(right, Point(width_m, depth_m), *_CONCRETE),
        Wall(Point(0, depth_m), Point(width_m, depth_m), *_CONCRETE),
    )
    return Premises(width_m, depth_m, walls)


def room(people: int, square_metres_each: float = 1.5) -> Premises:
    """A room without a street, wide enough for so many."""
    depth_m = max((people * square_metres_each) ** 0.5, 4.0)
    return Premises(depth_m, depth_m, ())


def _side(start: Point, end: Point, point: Point) -> bool:
    across = (end.x - start.x) * (point.y - start.y) - (end.y - start.y) * (point.x - start.x)
    return across > 0
