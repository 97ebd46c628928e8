"""What a page is asked for: which stores, which days, and what they are compared with."""

import dataclasses
import datetime as dt
from collections.abc import Mapping

from analytics.dashboard import comparing, day_range
from analytics.dashboard.day_range import DayRange, RangeError
from hq.pages import scopes
from hq.pages.scopes import Scope

PRESETS = ("1", "7", "28", "90", "month", "last_month")
USUAL = "7"
MOST_DAYS = 92
"""A quarter: more would be long to wait for where there are thousands of stores."""
YEAR = "year"
"""Asks for the comparison with a year before."""


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    scope: Scope
    days: DayRange
    fault: str | None
    """Why these are the usual days and not those asked for: the key of a text."""
    side: str
    """What the days are compared with; the name of a text."""
    first: dt.date
    """The first of the days that they are compared with."""

    @property
    def last(self) -> dt.date:
        return self.first + (self.days.last - self.days.first)

    @property
    def apart(self) -> int:
        """Days from one of the others to one of these."""
        return (self.days.first - self.first).days

    def arguments(self) -> dict[str, str]:
        """What an address says to ask for it again."""
        side = {"with": YEAR} if self.side == YEAR else {}
        return {**self.scope.arguments(), **self.days.arguments(), **side}


def read(asked: Mapping[str, str], own_region: str | None, today: dt.date) -> Asked:
    days, fault = _days(asked, today)
    sides = comparing.sides(days.first, days.last)
    side = YEAR if asked.get("with") == YEAR else next(iter(sides))
    return Asked(scopes.read(asked, own_region), days, fault, side, sides[side][0])


def _days(asked: Mapping[str, str], today: dt.date) -> tuple[DayRange, str | None]:
    fault = None
    try:
        found = _named_or_own(asked, today)
        if found.days <= MOST_DAYS:
            return found, None
        fault = "too_long"
    except RangeError as error:
        fault = str(error)
    return day_range.named(USUAL, today), fault


def _named_or_own(asked: Mapping[str, str], today: dt.date) -> DayRange:
    if "first" in asked or "last" in asked:
        return day_range.read(asked, today)
    name = asked.get("range", USUAL)
    if name not in PRESETS:
        raise RangeError("unknown")
    if name == "1":
        yesterday = today - dt.timedelta(days=1)
        return DayRange(yesterday, yesterday, name)
    return day_range.named(name, today)
