"""When the store is open, as its settings say it: a part of OpenStreetMap's `opening_hours`.

    Mo-Fr 10:00-22:00; Sa,Su 09:00-23:00       a rule each, with semicolons between
    10:00-14:00,17:00-02:00                    without days: of every day; past midnight
    Mo-Su 10:00-22:00; Tu off                  a later rule stands in place of an earlier one
    24/7

Weekdays and times only. Holidays differ from year to year and region to region, so nobody
here guesses them: a day on which the store was shut is a note on that day, in the dashboard.
"""

import dataclasses
import datetime as dt
import functools
import itertools
import re
import zoneinfo
from typing import NamedTuple

from core import clock

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_HOUR_MIN, _DAY_MIN = 60, 24 * 60
_ODD_DAYS = "For days that are not like others, such as holidays, write a note in the dashboard"
_RULE = re.compile(r"(?:(?P<days>[A-Za-z]+(?:[-,][A-Za-z]+)*)\s+)?(?P<times>.*)")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
_MIDNIGHT = dt.time()


class OpeningHoursError(ValueError):
    """What is written is not of this form; says where, and what to write."""


class Span(NamedTuple):
    """From opening to closing, in minutes after the midnight before opening."""

    opens: int
    closes: int
    """Over 1440 if it closes after midnight."""


@dataclasses.dataclass(frozen=True, slots=True)
class OpeningHours:
    week: tuple[tuple[Span, ...], ...]
    """By the weekday on which each span begins, Monday first."""

    def on(self, day: dt.date, zone: zoneinfo.ZoneInfo) -> list[tuple[dt.datetime, dt.datetime]]:
        """When the store is open on a store-local day: from, to, both in UTC."""
        start, end = clock.day_bounds(day, zone)
        found = []
        for after in (-1, 0, 1):
            begun = day + dt.timedelta(days=after)
            for span in self.week[begun.weekday()]:
                opens, closes = (max(start, _at(begun, each, zone)) for each in span)
                if opens < min(closes, end):
                    found.append((opens, min(closes, end)))
        return found

    def hours_on(self, weekday: int) -> frozenset[int]:
        """The hours on the clock, 0 to 23, in which a day that begins so is open for a while."""
        return frozenset(
            hour % 24
            for span in self.week[weekday]
            for hour in range(span.opens // _HOUR_MIN, -(-span.closes // _HOUR_MIN))
        )

    def crosses(self, begins: dt.time) -> bool:
        """Whether the store is open when its day begins, and not always: the day cuts a visit."""
        at = begins.hour * _HOUR_MIN + begins.minute
        return any(
            span.opens < moment < span.closes and span.closes - span.opens < _DAY_MIN
            for span in itertools.chain(*self.week)
            for moment in (at, at + _DAY_MIN)
        )


@functools.cache
def parse(text: str) -> OpeningHours | None:
    """None for nothing: the hours are not known.

    Raises:
        OpeningHoursError: It cannot be read.
    """
    if not text.strip():
        return None
    week: list[tuple[Span, ...]] = [()] * len(_DAYS)
    for rule in text.split(";"):
        days, spans = _rule(rule.strip())
        for day in days:
            week[day] = spans
    return OpeningHours(tuple(week))


def _rule(rule: str) -> tuple[list[int], tuple[Span, ...]]:
    if rule == "24/7":
        return list(range(len(_DAYS))), (Span(0, _DAY_MIN),)
    found = _RULE.fullmatch(rule)
    if not rule or found is None:
        raise OpeningHoursError(f"{rule!r}: expected days and times, such as Mo-Fr 10:00-22:00")
    days = _days(found["days"]) if found["days"] else list(range(len(_DAYS)))
    if found["times"] in {"off", "closed"}:
        return days, ()
    spans = sorted(_span(each.strip()) for each in found["times"].split(","))
    if any(one.closes > other.opens for one, other in itertools.pairwise(spans)):
        raise OpeningHoursError(f"{rule!r}: these times overlap")
    return days, tuple(spans)


def _days(text: str) -> list[int]:
    found = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        for name in (first, last or first):
            if name not in _DAYS:
                raise OpeningHoursError(f"{name!r} is none of {', '.join(_DAYS)}. {_ODD_DAYS}")
        begin = _DAYS.index(first)
        length = (_DAYS.index(last or first) - begin) % len(_DAYS)
        found += [(begin + number) % len(_DAYS) for number in range(length + 1)]
    return found


def _span(text: str) -> Span:
    found = _TIME.fullmatch(text)
    if found is None:
        raise OpeningHoursError(
            f"{text!r}: expected a time such as 10:00-22:00, or off. {_ODD_DAYS}"
        )
    from_h, from_min, to_h, to_min = map(int, found.groups())
    opens, closes = from_h * _HOUR_MIN + from_min, to_h * _HOUR_MIN + to_min
    if max(from_min, to_min) >= _HOUR_MIN or opens >= _DAY_MIN or closes > 2 * _DAY_MIN:
        raise OpeningHoursError(f"{text!r}: there is no such time")
    closes += _DAY_MIN if closes <= opens else 0
    if closes - opens > _DAY_MIN:
        raise OpeningHoursError(f"{text!r}: that is longer than a day")
    return Span(opens, closes)


def _at(day: dt.date, minutes: int, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """A time on the wall, in UTC."""
    days, rest = divmod(minutes, _DAY_MIN)
    wall = dt.datetime.combine(day + dt.timedelta(days=days), _MIDNIGHT)
    return (wall + dt.timedelta(minutes=rest)).replace(tzinfo=zone).astimezone(dt.UTC)
