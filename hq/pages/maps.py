"""Where the stores are, from their coordinates alone: nothing is fetched from elsewhere.

Each store is a mark while there are few. Many are gathered, by the database, into cells of a
grid: a mark then stands for the stores of its cell. Degrees of longitude are as wide as they are
in the middle of what is shown.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hq.models.store import Store
from hq.models.store_health import StoreHealth
from hq.models.traffic import StoreDay
from hq.pages import health, sums
from hq.pages.asked import Asked
from hq.pages.health import Checks

EACH_UP_TO = 120
"""Stores that have a mark of their own; more are gathered."""
WIDTH, HEIGHT = 1000.0, 640.0
_CELLS_ACROSS = 10
_MARGIN = 60.0
# Of what is gathered, a mark stays within its cell.
_SMALLEST, _LARGEST = 6.0, 26.0
# A chain in one street still has a map of some width, in degrees.
_LEAST_SPAN = 0.02


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    radius: float
    """The area is as the visitors of the average day, of all its stores together."""
    stores: int
    store_id: str
    """Of one of its stores: the only one, if there is one."""
    name: str
    region: str
    a_day: float | None
    """Visitors of the average day, of the average of its stores."""
    bad: int
    """Of its stores, those that something is wrong with."""


@dataclasses.dataclass(frozen=True, slots=True)
class Map:
    marks: Sequence[Mark]
    """The largest first, so that a small one lies on top."""
    stores: int
    without_place: int
    """Stores of which headquarters does not know where they are."""
    is_gathered: bool


@dataclasses.dataclass(frozen=True, slots=True)
class _Box:
    south: float
    north: float
    west: float
    east: float

    @property
    def narrowing(self) -> float:
        return math.cos(math.radians((self.south + self.north) / 2))

    @property
    def scale(self) -> float:
        """Of the drawing, for one degree of latitude."""
        across = (WIDTH - 2 * _MARGIN) / ((self.east - self.west) * self.narrowing)
        return min(across, (HEIGHT - 2 * _MARGIN) / (self.north - self.south))

    @property
    def step(self) -> float:
        """The side of a cell, in degrees of latitude."""
        wide = (self.east - self.west) * self.narrowing
        return max(wide, self.north - self.south) / _CELLS_ACROSS

    def place(self, latitude: float, longitude: float) -> tuple[float, float]:
        """In the drawing, in the middle of it."""
        middle = (self.west + self.east) / 2, (self.south + self.north) / 2
        x = WIDTH / 2 + (longitude - middle[0]) * self.narrowing * self.scale
        return round(x, 1), round(HEIGHT / 2 - (latitude - middle[1]) * self.scale, 1)


def find(session: Session, asked: Asked, checks: Checks | None) -> Map:
    """The stores of a scope; with `checks`, also how many are not well."""
    has_place = sa.and_(Store.latitude.is_not(None), Store.longitude.is_not(None))
    ends = sa.select(
        sa.func.count(),
        sa.func.count(sa.case((has_place, 1))),
        sa.func.min(Store.latitude),
        sa.func.max(Store.latitude),
        sa.func.min(Store.longitude),
        sa.func.max(Store.longitude),
    ).where(*asked.scope.conditions())
    stores, placed, *bounds = session.execute(ends).one()
    if not placed:
        return Map((), stores, stores, is_gathered=False)
    box = _box(*(float(each or 0) for each in bounds))
    is_gathered = placed > EACH_UP_TO
    rows = session.execute(_statement(asked, checks, box if is_gathered else None)).all()
    return Map(_marks(rows, box), stores, stores - placed, is_gathered)


def _box(south: float, north: float, west: float, east: float) -> _Box:
    tall, wide = (max(_LEAST_SPAN - span, 0) / 2 for span in (north - south, east - west))
    return _Box(south - tall, north + tall, west - wide, east + wide)


def _statement(asked: Asked, checks: Checks | None, gathered: _Box | None) -> sa.Select[Any]:
    """A row for each store, or for each cell of a grid over the box."""
    each = (
        sa.select(StoreDay.store_id, *sums.columns())
        .where(
            StoreDay.day.between(asked.days.first, asked.days.last),
            *asked.scope.within(StoreDay.store_id),
        )
        .group_by(StoreDay.store_id)
        .subquery()
    )
    is_bad = sa.false() if checks is None else checks.worst.in_(health.BAD)
    columns: list[Any] = [
        sa.func.avg(Store.latitude),
        sa.func.avg(Store.longitude),
        sa.func.count(),
        sa.func.min(Store.id),
        sa.func.min(sa.func.coalesce(sa.func.nullif(Store.name, ""), Store.id)),
        sa.func.min(Store.region),
        sa.func.count(sa.case((is_bad, 1))),
        *(sa.func.sum(each.c[name]) for name in sums.FIELDS),
    ]
    wanted = (
        sa.select(*columns)
        .select_from(Store)
        .outerjoin(each, each.c.store_id == Store.id)
        .where(Store.latitude.is_not(None), Store.longitude.is_not(None), *asked.scope.conditions())
    )
    if checks is not None:
        wanted = wanted.outerjoin(StoreHealth, StoreHealth.store_id == Store.id)
    if gathered is None:
        return wanted.group_by(Store.id)
    step = gathered.step
    across = sa.func.floor((Store.longitude - gathered.west) * (gathered.narrowing / step))
    up = sa.func.floor((Store.latitude - gathered.south) / step)
    # In the middle of its cell, so that no two marks lie on each other.
    return wanted.with_only_columns(
        gathered.south + (up + 0.5) * step,
        gathered.west + (across + 0.5) * (step / gathered.narrowing),
        *columns[2:],
    ).group_by(across, up)


def _marks(rows: Sequence[sa.Row[Any]], box: _Box) -> list[Mark]:
    found = [tuple(row) for row in rows]
    means = [sums.read(row[7:]).figures().visitors_a_day.value for row in found]
    # Of a cell, what comes into all its stores on the average day.
    sizes = [(mean or 0) * row[2] for mean, row in zip(means, found, strict=True)]
    most = max(sizes, default=0) or 1
    marks = [
        Mark(
            *box.place(row[0], row[1]),
            radius=round(_SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(size / most), 1),
            stores=row[2],
            store_id=row[3],
            name=row[4],
            region=row[5],
            a_day=mean,
            bad=row[6],
        )
        for row, mean, size in zip(found, means, sizes, strict=True)
    ]
    return sorted(marks, key=lambda mark: -mark.radius)
