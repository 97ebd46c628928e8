"""One store's own figures, day by day and hour by hour, and how old its keys are."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics.dashboard.chart import Chart, Kind, Point, Series, Unit
from analytics.figures import margins, report
from analytics.figures.report import Estimate
from analytics.wording import Wording
from hq.models.store import Store, StoreKey
from hq.models.traffic import StoreDay, StoreHour
from hq.pages import sums
from hq.pages.asked import Asked
from hq.pages.scopes import Scope

_DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    day: dt.date
    visitors: Estimate
    passers_by: Estimate
    entry_rate: Estimate
    dwell: Estimate


def find(session: Session, store_id: str, scope: Scope) -> Store | None:
    """The store, if it is within the scope."""
    wanted = sa.select(Store).where(Store.id == store_id, *scope.conditions())
    return session.scalar(wanted)


def days(session: Session, store_id: str, asked: Asked) -> Sequence[Day]:
    """Those that have figures, in order."""
    wanted = (
        sa.select(
            StoreDay.day,
            StoreDay.visitors,
            StoreDay.passers_by,
            StoreDay.entry_rate,
            StoreDay.dwell_median_s,
        )
        .where(
            StoreDay.store_id == store_id,
            StoreDay.day.between(asked.days.first, asked.days.last),
        )
        .order_by(StoreDay.day)
    )
    return [_day(*row) for row in session.execute(wanted)]


def hours(session: Session, store_id: str, last: dt.date) -> Sequence[StoreHour]:
    """Of the newest day up to `last` of which there are hours."""
    of_store = StoreHour.store_id == store_id
    newest = sa.select(sa.func.max(StoreHour.day)).where(of_store, StoreHour.day <= last)
    wanted = sa.select(StoreHour).where(of_store, StoreHour.day == newest.scalar_subquery())
    return session.scalars(wanted.order_by(StoreHour.start)).all()


def keys(session: Session, store_id: str) -> Sequence[sa.Row[tuple[int, dt.datetime]]]:
    """When each key was made, used, ended: never the key."""
    wanted = sa.select(
        StoreKey.id, StoreKey.made_at, StoreKey.used_at, StoreKey.expires_at, StoreKey.revoked_at
    )
    return session.execute(  # type: ignore[return-value]  # rows of more columns than named
        wanted.where(StoreKey.store_id == store_id).order_by(StoreKey.made_at.desc())
    ).all()


def day_charts(found: Sequence[Day], asked: Asked, say: Wording) -> dict[str, Chart]:
    known = {each.day: each for each in found}
    every = [asked.days.first + number * _DAY for number in range(asked.days.days)]

    def chart(name: str, unit: Unit, tone: str = "main") -> Chart:
        points: list[Point] = [getattr(known[day], name) if day in known else None for day in every]
        return Chart(
            labels=[say.short_day(day) for day in every],
            series=[Series(say.text(f"fleet.{name}"), points, tone=tone)],
            head=say.text("history.when"),
            kind=Kind.LINES,
            unit=unit,
            ticks=[f"{day.month}/{day.day}" for day in every],
        )

    return {
        "visitors": chart("visitors", Unit.NUMBER),
        "passers_by": chart("passers_by", Unit.NUMBER, "second"),
        "entry_rate": chart("entry_rate", Unit.PERCENT),
    }


def hour_chart(found: Sequence[StoreHour], say: Wording) -> Chart:
    starts = [say.time(each.start) for each in found]
    return Chart(
        labels=starts,
        series=[
            Series(say.text("fleet.visitors"), [_came(each.visitors) for each in found]),
            Series(
                say.text("fleet.passers_by"),
                [report.of_passers_by(_whole(each.passers_by)) for each in found],
                tone="second",
            ),
        ],
        head=say.text("fleet.hour"),
    )


def _day(
    day: dt.date,
    visitors: float | None,
    passers_by: float | None,
    rate: float | None,
    dwell_s: float | None,
) -> Day:
    visitors, passers_by = sums.within(visitors, sums.MOST), sums.within(passers_by, sums.MOST)
    rate, dwell_s = sums.within(rate, 1), sums.within(dwell_s, sums.MOST)
    near = (visitors or 0) + (passers_by or 0)
    entered = Estimate()
    if rate is not None and near:
        entered = Estimate(*margins.of_entry_rate(rate, rate * near, near))
    return Day(
        day,
        _came(visitors),
        report.of_passers_by(_whole(passers_by)),
        entered,
        Estimate(dwell_s),
    )


def _came(count: float | None) -> Estimate:
    return report.of_visitors(_whole(count))


def _whole(value: float | None) -> int | None:
    found = sums.within(value, sums.MOST)
    return None if found is None else round(found)
