"""Days set beside days in a query."""

import datetime as dt

import sqlalchemy as sa

from hq.models.traffic import StoreDay
from hq.pages.asked import Asked

_DAY = dt.timedelta(days=1)


def pairs(asked: Asked) -> sa.CTE:
    """Each of the days, `mine`, with the one that it is compared with, `theirs`.

    By name and not by arithmetic: so a database looks each day up in its index, and none has to
    be told in its own words how to count days.
    """
    apart = asked.apart * _DAY
    days = [asked.days.first + number * _DAY for number in range(asked.days.days)]
    columns = sa.column("mine", sa.Date), sa.column("theirs", sa.Date)
    return sa.values(*columns, name="pairs").data([(day, day - apart) for day in days]).cte()


def joined(
    wanted: sa.Select[tuple[object, ...]],
    asked: Asked,
    beside: sa.CTE,
    mine: type[StoreDay],
    theirs: type[StoreDay],
) -> sa.Select[tuple[object, ...]]:
    """A query over `mine` and `theirs`: the same store on both days of a pair, with visitors.

    The ranges follow from the pairs; said as well, PostgreSQL reads their part of the index
    and not the whole table.
    """
    same = sa.and_(theirs.store_id == mine.store_id, theirs.day == beside.c.theirs)
    return (
        wanted.select_from(beside)
        .join(mine, mine.day == beside.c.mine)
        .join(theirs, same)
        .where(
            mine.day.between(asked.days.first, asked.days.last),
            theirs.day.between(asked.first, asked.last),
            mine.visitors > 0,
            theirs.visitors > 0,
        )
    )
