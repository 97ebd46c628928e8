"""The stores of a scope with their figures, in the order of one of them: a page of them at a time.

All of it is computed by the database, which reads the days from one index; what comes here is
the page alone, with the sums over all stores beside it.
"""

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from hq.models.store import Store
from hq.models.traffic import StoreDay
from hq.pages import days, scopes, sums
from hq.pages.asked import Asked
from hq.pages.sums import Sums

PAGE_LENGTH = 50


class Sort(enum.StrEnum):
    NAME = "name"
    VISITORS = "visitors"
    A_DAY = "a_day"
    PASSERS_BY = "passers_by"
    ENTRY_RATE = "entry_rate"
    DWELL = "dwell"
    CHANGE = "change"


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    by: Sort = Sort.VISITORS
    is_rising: bool = False

    def arguments(self) -> dict[str, str]:
        found = {} if self.by is Sort.VISITORS else {"sort": self.by.value}
        return found | ({"order": "asc"} if self.is_rising else {})


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A store and its figures."""

    store_id: str
    name: str
    region: str
    sums: Sums


@dataclasses.dataclass(frozen=True, slots=True)
class Ranking:
    places: Sequence[Place]
    whole: Sums
    """Of all stores of the scope."""
    stores: int
    without_figures: int
    """Stores that had no figures on any of the days."""
    withheld: int
    """Stores of which no day shows its visitors, though there are figures."""
    number: int
    pages: int

    @property
    def first_rank(self) -> int:
        return (self.number - 1) * PAGE_LENGTH + 1


def read_order(asked: Mapping[str, str]) -> Order:
    by = asked.get("sort", "")
    rising = asked.get("order") == "asc"
    return Order(Sort(by), rising) if by in set(Sort) else Order(is_rising=rising)


def find(session: Session, asked: Asked, order: Order, number: int) -> Ranking:
    """Page `number`, from 1; the last one if there are fewer."""
    stores = scopes.count(session, asked.scope)
    pages = max(-(-stores // PAGE_LENGTH), 1)
    number = min(max(number, 1), pages)
    wanted, table = _statement(asked, order)
    is_shown = table.c.visitor_days > 0
    wanted = wanted.add_columns(
        sa.func.count(table.c.days).over().label("with_figures"),
        sa.func.count(sa.case((is_shown, 1))).over().label("shown"),
        *sums.over(table),
    )
    wanted = wanted.limit(PAGE_LENGTH).offset((number - 1) * PAGE_LENGTH)
    rows = session.execute(wanted).all()
    beside = tuple(rows[0])[-len(sums.FIELDS) - 2 :] if rows else (0, 0)
    with_figures, shown, *whole = beside
    return Ranking(
        places=[_place(row) for row in rows],
        whole=sums.read(whole) if whole else Sums(),
        stores=stores,
        without_figures=stores - with_figures,
        withheld=with_figures - shown,
        number=number,
        pages=pages,
    )


def everyone(session: Session, asked: Asked, order: Order) -> Sequence[Place]:
    """All of them, for a file: one row a store."""
    wanted, _ = _statement(asked, order)
    return [_place(row) for row in session.execute(wanted)]


def of_store(session: Session, store_id: str, asked: Asked) -> Sums:
    wanted = sa.select(*sums.columns()).where(
        StoreDay.store_id == store_id,
        StoreDay.day.between(asked.days.first, asked.days.last),
    )
    return sums.read(tuple(session.execute(wanted).one()))


def _statement(asked: Asked, order: Order) -> tuple[sa.Select[Any], sa.Subquery]:
    table = (
        sa.select(StoreDay.store_id, *sums.columns())
        .where(
            StoreDay.day.between(asked.days.first, asked.days.last),
            *asked.scope.within(StoreDay.store_id),
        )
        .group_by(StoreDay.store_id)
        .subquery()
    )
    wanted = (
        sa.select(Store.id, Store.name, Store.region, *(table.c[name] for name in sums.FIELDS))
        .outerjoin(table, table.c.store_id == Store.id)
        .where(*asked.scope.conditions())
    )
    if order.by is Sort.CHANGE:
        changes = _changes(asked)
        wanted = wanted.outerjoin(changes, changes.c.store_id == Store.id)
        key: sa.ColumnElement[Any] = changes.c.change
    else:
        key = _keys(table)[order.by]
    # Stores that have no such figure are last in either order.
    directed = key.asc() if order.is_rising else key.desc()
    return wanted.order_by(key.is_(None), directed, Store.id), table


def _keys(table: sa.Subquery) -> Mapping[Sort, sa.ColumnElement[Any]]:
    def ratio(part: str, whole: str) -> sa.ColumnElement[Any]:
        return table.c[part] * 1.0 / sa.func.nullif(table.c[whole], 0)

    return {
        Sort.NAME: sa.func.coalesce(sa.func.nullif(Store.name, ""), Store.id),
        Sort.VISITORS: table.c.visitors,
        Sort.A_DAY: ratio("visitors", "visitor_days"),
        Sort.PASSERS_BY: table.c.passers_by,
        Sort.ENTRY_RATE: ratio("entries", "near"),
        Sort.DWELL: ratio("dwell_weighted", "dwell_visitors"),
    }


def _changes(asked: Asked) -> sa.Subquery:
    """How much more visitors each store had, as `analytics.figures.comparison` has it: the mean
    of the logarithms, over the days that both sides show.
    """
    mine, theirs, beside = aliased(StoreDay), aliased(StoreDay), days.pairs(asked)
    change = sa.func.avg(sa.func.ln(mine.visitors / theirs.visitors))
    wanted = sa.select(mine.store_id, change.label("change")).group_by(mine.store_id)
    within = asked.scope.within(mine.store_id)
    return days.joined(wanted, asked, beside, mine, theirs).where(*within).subquery()


def _place(row: sa.Row[Any]) -> Place:
    store_id, name, region, *rest = tuple(row)
    return Place(store_id, name, region, sums.read(rest[: len(sums.FIELDS)]))
