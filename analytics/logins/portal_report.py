"""What was measured at the portal, as anybody may see it: all of it has passed suppression.

A day's figures are shown as `figures.suppression` has it. Those of several days are sums of
what is shown of each: a sum over all would, beside the days and the sums of other days, tell
what is withheld. So each sum says of how many days it is. While a day runs, its figures are
rounded: looked at each minute, exact ones would tell of each phone as it comes.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from analytics.figures import suppression
from core.database import Database
from core.models.portal_day import PortalDay
from core.settings import Settings

STEPS = ("saw", "asked", "online", "member", "marketing", "clicked")
PARTS = ("first_visit", "back_7", "back_30", "back_90", "back_later")


@dataclasses.dataclass(frozen=True, slots=True)
class PortalReport:
    """One store-local day. None stands for a figure that is withheld."""

    day: dt.date
    updated_at: dt.datetime
    closed_at: dt.datetime | None
    steps: Mapping[str, int | None]
    """Phones, by the names in `STEPS`."""
    members: Mapping[str, int | None]
    """Members who agreed to visit analytics, by the names in `PARTS`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sum:
    """Of a figure over days."""

    value: int | None
    """None if no day shows it."""
    days: int
    """That show it."""
    of_before: float | None = None
    """The share of the step before, over the days that show both."""


@dataclasses.dataclass(frozen=True, slots=True)
class PortalSpan:
    first: dt.date
    last: dt.date
    days: tuple[PortalReport, ...]
    """Those that have figures, oldest first."""
    steps: Mapping[str, Sum]
    members: Mapping[str, Sum]


def of(row: PortalDay, k: int) -> PortalReport:
    steps = [getattr(row, name) for name in STEPS]
    parts = [getattr(row, name) for name in PARTS]
    if row.closed_at is None:
        steps_shown = [suppression.rounded(count, k) for count in steps]
        parts_shown = [suppression.rounded(count, k) for count in parts]
    else:
        steps_shown = suppression.shown_chain(steps, k)
        parts_shown = suppression.shown_parts(parts, k)
    return PortalReport(
        row.day,
        row.updated_at,
        row.closed_at,
        dict(zip(STEPS, steps_shown, strict=True)),
        dict(zip(PARTS, parts_shown, strict=True)),
    )


def find(database: Database, settings: Settings, last: dt.date, days: int) -> PortalSpan:
    """The `days` days up to `last`."""
    first = last - dt.timedelta(days=days - 1)
    wanted = (
        sa.select(PortalDay)
        .where(PortalDay.day >= first, PortalDay.day <= last)
        .order_by(PortalDay.day)
    )
    k = settings.traffic.suppress_below
    with database.reading() as session:
        reports = tuple(of(row, k) for row in session.scalars(wanted))
    before = dict(zip(STEPS[1:], STEPS, strict=False))
    return PortalSpan(
        first,
        last,
        reports,
        {name: _step(reports, name, before.get(name)) for name in STEPS},
        {name: _sum(each.members[name] for each in reports) for name in PARTS},
    )


def _sum(values: Iterable[int | None]) -> Sum:
    shown = [value for value in values if value is not None]
    return Sum(sum(shown) if shown else None, len(shown))


def _step(reports: Iterable[PortalReport], name: str, before: str | None) -> Sum:
    total = _sum(report.steps[name] for report in reports)
    if before is None:
        return total
    pairs = [(report.steps[name], report.steps[before]) for report in reports]
    both = [(taken, come) for taken, come in pairs if taken is not None and come is not None]
    come = sum(pair[1] for pair in both)
    share = round(sum(pair[0] for pair in both) / come, 4) if come else None
    return dataclasses.replace(total, of_before=share)
