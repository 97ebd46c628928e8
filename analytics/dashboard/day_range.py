"""Ranges of days that somebody asks for, by name or by their ends. No Flask."""

import dataclasses
import datetime as dt
from collections.abc import Mapping

from analytics.figures.period_report import EARLIEST

PRESETS = ("7", "28", "90", "month", "last_month", "year")
USUAL = "28"
LONGEST_DAYS = 731
"""Two years: the last one and the one before."""

_DAY = dt.timedelta(days=1)


class RangeError(ValueError):
    """This is no range of days; the message is the key of a text that says what to change."""


@dataclasses.dataclass(frozen=True, slots=True)
class DayRange:
    first: dt.date
    last: dt.date
    name: str | None = None
    """One of PRESETS; None: of one's own."""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> "DayRange":
        """As many days that end where this begins."""
        return DayRange(self.first - self.days * _DAY, self.first - _DAY)

    def after(self, today: dt.date) -> "DayRange | None":
        """As many days from where this ends, as far as there are any yet."""
        first = self.last + _DAY
        last = min(self.last + self.days * _DAY, today - _DAY)
        return DayRange(first, last) if first <= last else None

    def arguments(self) -> dict[str, str]:
        """What an address says to ask for it again."""
        if self.name is not None:
            return {"range": self.name}
        return {"first": self.first.isoformat(), "last": self.last.isoformat()}


def read(asked: Mapping[str, str], today: dt.date) -> DayRange:
    """The range that a query asks for; RangeError if it asks for none that can be."""
    if "first" in asked or "last" in asked:
        return _own(asked.get("first", ""), asked.get("last", ""), today)
    return named(asked.get("range", USUAL), today)


def read_or_usual(asked: Mapping[str, str], today: dt.date) -> tuple[DayRange, str | None]:
    """The range that a query asks for; else the usual one, and why."""
    try:
        return read(asked, today), None
    except RangeError as error:
        return named(USUAL, today), str(error)


def named(name: str, today: dt.date) -> DayRange:
    """A preset. It ends yesterday: half a day would pull down what it is part of."""
    yesterday = today - _DAY
    if name not in PRESETS:
        raise RangeError("unknown")
    if name.isdecimal():
        return DayRange(today - int(name) * _DAY, yesterday, name)
    month = today.replace(day=1)
    if name == "last_month":
        last = month - _DAY
        return DayRange(last.replace(day=1), last, name)
    first = month if name == "month" else today.replace(month=1, day=1)
    # On the first day there is only that one.
    return DayRange(first, max(first, yesterday), name)


def _own(first: str, last: str, today: dt.date) -> DayRange:
    try:
        found = DayRange(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    except ValueError:
        raise RangeError("no_day") from None
    if found.first < EARLIEST:
        raise RangeError("no_day")
    if found.last < found.first:
        raise RangeError("backwards")
    if found.last > today:
        raise RangeError("future")
    if found.days > LONGEST_DAYS:
        raise RangeError("too_long")
    return found
