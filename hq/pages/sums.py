"""Sums of days of stores, and the figures that are made of them.

A day comes from its store rounded, or withheld (null), so a sum tells nothing that the store did
not show. It leaves out what is withheld, and says of how many days it is.

    visitors, passers-by   the sum over the days that show them
    entry rate             of all who were near on the days that show a rate, those who came in
    time inside            the mean of the days' medians, each with the weight of its visitors

Intervals are those of `analytics.figures.margins`. What is off in a store's figures for good (its
walls, what phones do) is taken to be off in all stores alike, so it does not average out over
them, and the interval of a sum of many is too wide rather than too narrow.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from analytics.figures import margins, report
from analytics.figures.report import Estimate
from hq.models.traffic import StoreDay


@dataclasses.dataclass(frozen=True, slots=True)
class Sums:
    """Over any days of any stores; its fields are those of `columns`, in their order."""

    days: int = 0
    """Of stores that have figures: one for each store and day."""
    visitor_days: int = 0
    """Of them, those that show their visitors."""
    visitors: float | None = None
    passer_days: int = 0
    passers_by: float | None = None
    entries: float | None = None
    near: float | None = None
    dwell_weighted: float | None = None
    dwell_visitors: float | None = None

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*map(_added, dataclasses.astuple(self), dataclasses.astuple(other)))

    @property
    def withheld_days(self) -> int:
        """That have too few visitors to say how many."""
        return self.days - self.visitor_days

    def figures(self) -> "Figures":
        visitors = report.of_visitors(_whole(self.visitors))
        passers_by = report.of_passers_by(_whole(self.passers_by))
        return Figures(
            visitors=visitors,
            visitors_a_day=_divided(visitors, self.visitor_days),
            passers_by=passers_by,
            passers_by_a_day=_divided(passers_by, self.passer_days),
            entry_rate=report.of_entry_rate(self.entries or 0, self.near or 0),
            dwell=self._dwell(),
        )

    def _dwell(self) -> Estimate:
        if self.dwell_weighted is None or not self.dwell_visitors:
            return Estimate()
        mean = self.dwell_weighted / self.dwell_visitors
        return Estimate(*margins.of_median(mean, self.dwell_visitors))


@dataclasses.dataclass(frozen=True, slots=True)
class Figures:
    visitors: Estimate
    visitors_a_day: Estimate
    """Of the average day that shows them: stores are not open on as many days."""
    passers_by: Estimate
    passers_by_a_day: Estimate
    entry_rate: Estimate
    dwell: Estimate


MOST = 1e12
"""More than all people in all stores for years."""

FIELDS = tuple(each.name for each in dataclasses.fields(Sums))


def columns(day: Any = StoreDay) -> list[sa.Label[Any]]:
    """The sums over rows of `day`, which is `StoreDay` or an alias of it."""
    near = day.visitors + day.passers_by
    weight = sa.case((day.dwell_median_s.is_not(None), day.visitors))
    found = {
        "days": sa.func.count(day.store_id),
        "visitor_days": sa.func.count(day.visitors),
        "visitors": sa.func.sum(day.visitors),
        "passer_days": sa.func.count(day.passers_by),
        "passers_by": sa.func.sum(day.passers_by),
        "entries": sa.func.sum(day.entry_rate * near),
        "near": sa.func.sum(sa.case((day.entry_rate.is_not(None), near))),
        "dwell_weighted": sa.func.sum(day.dwell_median_s * day.visitors),
        "dwell_visitors": sa.func.sum(weight),
    }
    return [column.label(name) for name, column in found.items()]


def over(table: sa.Subquery) -> list[sa.Label[Any]]:
    """The sums of sums, beside each row: what all rows come to, also those that are not read."""
    return [
        sa.func.sum(sa.func.coalesce(table.c[name], 0)).over().label(f"all_{name}")
        if name in {"days", "visitor_days", "passer_days"}
        else sa.func.sum(table.c[name]).over().label(f"all_{name}")
        for name in FIELDS
    ]


def read(row: Sequence[Any]) -> Sums:
    """What a query has for `columns`."""
    values = dict(zip(FIELDS, row, strict=True))
    for name in ("days", "visitor_days", "passer_days"):
        values[name] = int(values[name] or 0)
    for name in ("visitors", "passers_by", "near", "dwell_weighted", "dwell_visitors"):
        values[name] = within(values[name], MOST)
    values["entries"] = within(values["entries"], values["near"] or 0)
    return Sums(**values)


def within(value: float | None, most: float) -> float | None:
    """The figure, drawn to 0 or `most` if a store has told of one that cannot be.

    Such are not taken in any more: a page shows the other stores though some are there.
    """
    if value is None:
        return None
    return min(value, most) if value >= 0 else 0.0


def _added(one: Any, other: Any) -> Any:
    """Nothing and nothing are nothing, not zero."""
    return other if one is None else one if other is None else one + other


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _divided(total: Estimate, days: int) -> Estimate:
    if total.value is None or not days:
        return Estimate()
    return Estimate(*(None if end is None else end / days for end in dataclasses.astuple(total)))
