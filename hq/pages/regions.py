"""The regions of a scope with their figures, one row each."""

import dataclasses
import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hq.models.store import Store
from hq.models.traffic import StoreDay
from hq.pages import sums
from hq.pages.asked import Asked
from hq.pages.rankings import Order, Sort
from hq.pages.sums import Sums


@dataclasses.dataclass(frozen=True, slots=True)
class Region:
    name: str
    """Empty: of the stores that are in none."""
    stores: int
    without_figures: int
    withheld: int
    """Stores of which no day shows its visitors, though there are figures."""
    sums: Sums


def find(session: Session, asked: Asked) -> Sequence[Region]:
    """Every region of the scope, also one without figures; by name."""
    each = (
        sa.select(StoreDay.store_id, *sums.columns())
        .where(
            StoreDay.day.between(asked.days.first, asked.days.last),
            *asked.scope.within(StoreDay.store_id),
        )
        .group_by(StoreDay.store_id)
        .subquery()
    )
    wanted = (
        sa.select(
            Store.region,
            sa.func.count(Store.id),
            sa.func.count(each.c.store_id),
            sa.func.count(sa.case((each.c.visitor_days > 0, 1))),
            *(sa.func.sum(each.c[name]) for name in sums.FIELDS),
        )
        .outerjoin(each, each.c.store_id == Store.id)
        .where(*asked.scope.conditions())
        .group_by(Store.region)
        .order_by(Store.region)
    )
    return [_region(row) for row in session.execute(wanted)]


def in_order(
    found: Sequence[Region], order: Order, change: Mapping[str, float | None]
) -> list[Region]:
    """The regions in the order of one of their figures; `change` is that of visitors, by name."""
    keys = {each.name: _key(each, order.by, change) for each in found}
    known = [each for each in found if keys[each.name] is not None]
    unknown = [each for each in found if keys[each.name] is None]
    known.sort(key=lambda each: keys[each.name], reverse=not order.is_rising)
    return [*known, *unknown]


def _key(region: Region, by: Sort, change: Mapping[str, float | None]) -> Any:
    figures = region.sums.figures()
    values = {
        Sort.NAME: region.name,
        Sort.VISITORS: figures.visitors.value,
        Sort.A_DAY: figures.visitors_a_day.value,
        Sort.PASSERS_BY: figures.passers_by.value,
        Sort.ENTRY_RATE: figures.entry_rate.value,
        Sort.DWELL: figures.dwell.value,
        Sort.CHANGE: change.get(region.name),
    }
    return values[by]


def total(found: Sequence[Region]) -> Region:
    """All of them together."""
    return Region(
        name="",
        stores=sum(each.stores for each in found),
        without_figures=sum(each.without_figures for each in found),
        withheld=sum(each.withheld for each in found),
        sums=functools.reduce(operator.add, (each.sums for each in found), Sums()),
    )


def _region(row: sa.Row[Any]) -> Region:
    name, stores, with_figures, shown, *values = tuple(row)
    return Region(name, stores, stores - with_figures, with_figures - shown, sums.read(values))
