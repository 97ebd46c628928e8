"""Cuts a range into days, weeks or months, and says days in a row as one. No Flask."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Iterable

from analytics.dashboard.day_range import DayRange
from analytics.wording import Wording

_DAY = dt.timedelta(days=1)
_WEEK = 7
# A chart has room for about so many columns on a phone.
_MOST_DAYS, _MOST_WEEKS = 35, 30
# Of days said one by one: who wants to know more opens the table.
_MOST_SAID = 8


class Step(enum.StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclasses.dataclass(frozen=True, slots=True)
class Stretch:
    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def said(self, say: Wording, step: Step) -> str:
        if step is Step.MONTH:
            return say.month(self.first)
        if step is Step.DAY:
            return say.short_day(self.first)
        # All weeks begin alike, so their weekdays tell nothing.
        return "–".join(_date(day, say) for day in (self.first, self.last))  # noqa: RUF001 - a range takes this dash

    def tick(self, say: Wording, step: Step) -> str:
        """As the axis of a chart has room for it."""
        return say.month(self.first) if step is Step.MONTH else _date(self.first, say)


def usual(days: int) -> Step:
    """The step by which a range of so many days is drawn if nobody asks for another."""
    if days <= _MOST_DAYS:
        return Step.DAY
    return Step.WEEK if days <= _MOST_WEEKS * _WEEK else Step.MONTH


def cut(asked: DayRange, step: Step) -> list[Stretch]:
    """Weeks from Monday and months of the calendar; the first and the last as far as asked."""
    found = []
    first = asked.first
    while first <= asked.last:
        last = min(_end(first, step), asked.last)
        found.append(Stretch(first, last))
        first = last + _DAY
    return found


def rows(days: Iterable[dt.date]) -> list[Stretch]:
    """Days that follow each other, joined."""
    found: list[Stretch] = []
    for day in sorted(days):
        if found and found[-1].last + _DAY == day:
            found[-1] = Stretch(found[-1].first, day)
        else:
            found.append(Stretch(day, day))
    return found


def said(days: Iterable[dt.date], say: Wording) -> str:
    """All of them in words; of very many, the first few and how many more."""
    found = rows(days)
    words = say.text("history.comma").join(said_days(each, say) for each in found[:_MOST_SAID])
    rest = sum(each.days for each in found[_MOST_SAID:])
    return say.text("history.and_more", days=words, count=rest) if rest else words


def said_days(stretch: Stretch, say: Wording) -> str:
    if stretch.first == stretch.last:
        return say.short_day(stretch.first)
    return f"{say.short_day(stretch.first)} – {say.short_day(stretch.last)}"  # noqa: RUF001 - a range takes this dash


def _date(day: dt.date, say: Wording) -> str:
    return say.text("history.date", month=say.text(f"date.month_{day.month}"), day=day.day)


def _end(first: dt.date, step: Step) -> dt.date:
    if step is Step.DAY:
        return first
    if step is Step.WEEK:
        return first + (_WEEK - first.isoweekday()) * _DAY
    return (first.replace(day=1) + 31 * _DAY).replace(day=1) - _DAY
