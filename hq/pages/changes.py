"""What has changed, and whether chance could have done it: of stores, of regions, of all.

Each day beside the same weekday before it, by `analytics.figures.comparison`. Of many stores
together, a day is the sum over those that have figures on both days of the pair: a store that is
new, or was shut, is no growth and no loss.
"""

import collections
import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from analytics.dashboard import comparing
from analytics.figures import comparison
from analytics.figures.comparison import Changes
from analytics.figures.report import Estimate
from analytics.wording import Wording
from hq.models.store import Store
from hq.models.traffic import StoreDay
from hq.pages import days, sums
from hq.pages.asked import Asked
from hq.pages.sums import Sums

_DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    """As much of a day as is compared."""

    visitors: Estimate
    passers_by: Estimate
    entry_rate: Estimate
    dwell_median_s: Estimate


Pairs = Sequence[tuple[Day, Day]]
_Days = dict[dt.date, tuple[Sums, Sums]]


def of_stores(session: Session, store_ids: Collection[str], asked: Asked) -> Mapping[str, Pairs]:
    """The pairs of days of a few stores, in the order of days."""
    wanted = sa.select(
        StoreDay.store_id,
        StoreDay.day,
        StoreDay.visitors,
        StoreDay.passers_by,
        StoreDay.entry_rate,
        StoreDay.dwell_median_s,
    ).where(
        StoreDay.store_id.in_(store_ids),
        sa.or_(
            StoreDay.day.between(asked.days.first, asked.days.last),
            StoreDay.day.between(asked.first, asked.last),
        ),
    )
    found: dict[str, dict[dt.date, Day]] = collections.defaultdict(dict)
    for store_id, day, *figures in session.execute(wanted):
        found[store_id][day] = Day(*(Estimate(value) for value in figures))
    return {store_id: _paired(of_day, asked) for store_id, of_day in found.items()}


def of_all(session: Session, asked: Asked) -> Pairs:
    """The pairs of days of all stores together."""
    return _figures(_of_groups(session, asked, by_region=False).get("", {}))


def of_regions(session: Session, asked: Asked) -> tuple[Mapping[str, Pairs], Pairs]:
    """The pairs of days of each region by its name, and of all of them together."""
    found = _of_groups(session, asked, by_region=True)
    whole: _Days = {}
    for days_of_region in found.values():
        for day, both in days_of_region.items():
            before = whole.get(day, (Sums(), Sums()))
            whole[day] = (before[0] + both[0], before[1] + both[1])
    return {name: _figures(each) for name, each in found.items()}, _figures(whole)


def _of_groups(session: Session, asked: Asked, *, by_region: bool) -> Mapping[str, _Days]:
    mine, theirs, beside = aliased(StoreDay), aliased(StoreDay), days.pairs(asked)
    region = Store.region if by_region else sa.literal("")
    wanted = days.joined(
        sa.select(region.label("name"), beside.c.mine, *sums.columns(mine), *_second(theirs)),
        asked,
        beside,
        mine,
        theirs,
    )
    wanted = wanted.where(*asked.scope.within(mine.store_id))
    if by_region:
        wanted = wanted.join(Store, Store.id == mine.store_id)
        wanted = wanted.group_by(Store.region, beside.c.mine)
    else:
        wanted = wanted.group_by(beside.c.mine)
    found: dict[str, _Days] = collections.defaultdict(dict)
    width = len(sums.FIELDS)
    for row in session.execute(wanted):
        name, day, *values = _cells(row)
        found[name][day] = sums.read(values[:width]), sums.read(values[width:])
    return found


def changes(pairs: Pairs) -> Changes:
    return comparison.of_pairs(pairs)


def _cells(row: Any) -> tuple[Any, ...]:
    return tuple(row)


def _second(day: Any) -> list[sa.Label[Any]]:
    return [each.element.label(f"other_{each.name}") for each in sums.columns(day)]


def _figures(days_of_group: _Days) -> Pairs:
    """In the order of days."""
    in_order = (days_of_group[day] for day in sorted(days_of_group))
    return [(_day(mine), _day(theirs)) for mine, theirs in in_order]


def _day(of_stores: Sums) -> Day:
    figures = of_stores.figures()
    return Day(figures.visitors, figures.passers_by, figures.entry_rate, figures.dwell)


def _paired(of_day: Mapping[dt.date, Day], asked: Asked) -> Pairs:
    apart = dt.timedelta(days=asked.apart)
    each = (asked.days.first + number * _DAY for number in range(asked.days.days))
    both = ((day, day - apart) for day in each)
    return [(of_day[day], of_day[other]) for day, other in both if {day, other} <= of_day.keys()]


def title(asked: Asked, say: Wording) -> str:
    """What is compared with what."""
    return say.text(f"history.with_{asked.side}", days=comparing.span(asked.first, asked.last, say))
