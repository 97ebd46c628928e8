"""Says what has changed, and whether chance could have done it. No Flask."""

import dataclasses
import datetime as dt
import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from analytics.dashboard.chart import Unit
from analytics.figures import comparison, day_notes, period_report
from analytics.figures.comparison import Change, Comparison
from analytics.figures.day_notes import BeforeAfter
from analytics.figures.period_report import PeriodReport
from analytics.figures.report import DayReport
from analytics.wording import Wording
from core.database import Database
from core.settings import Settings

_WEEK = 7
_DAY = dt.timedelta(days=1)
_YEAR = 52 * _WEEK * _DAY
_FIGURES = {
    "visitors": "visitors",
    "passers_by": "passers_by",
    "entry_rate": "entry_rate",
    "dwell": "dwell_median_s",
}
"""The figures that are compared, and what a day calls each."""
_UNITS = {"entry_rate": Unit.PERCENT, "dwell": Unit.DURATION}
_HUNDRED = 100
# Below this, a change is said with a decimal.
_SMALL = 0.1
_MINUS = "\u2212"


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One figure of a comparison, in words."""

    name: str
    now: str
    then: str
    change: str
    interval: str
    """Of the change; empty if there are too few pairs for one."""
    verdict: str
    is_clear: bool


class Compared(NamedTuple):
    title: str
    pairs: int
    """Of days that are compared."""
    left_out: tuple[dt.date, ...]
    """Days of the range that have figures and are not."""
    moved: bool
    """Whether the sensor was moved on the way: days on both sides of that are no pair."""
    lines: tuple[Line, ...]


def sides(first: dt.date, last: dt.date) -> dict[str, tuple[dt.date, dt.date]]:
    """With what a range is compared, by what that is called: weeks before, and a year before."""
    length = last - first + _DAY
    before = "week" if length <= _WEEK * _DAY else "before"
    begins = {before: first - math.ceil(length / (_WEEK * _DAY)) * _WEEK * _DAY}
    if length <= _YEAR:
        begins["year"] = period_report.year_before(first)
    return {name: (begin, begin + (last - first)) for name, begin in begins.items()}


def of_range(
    database: Database,
    settings: Settings,
    whole: PeriodReport,
    days: Sequence[DayReport],
    say: Wording,
) -> list[Compared]:
    """A range with each of its sides; `days` are those of all of them, and perhaps others."""
    found = []
    for name, (first, last) in sides(whole.first, whole.last).items():
        other = period_report.of_days(settings, first, last, days)
        notes = day_notes.find(database, first, whole.last)
        title = say.text(f"history.with_{name}", days=span(first, last, say))
        found.append(_compared(title, comparison.between(whole, other, notes), say))
    return found


def of_note(database: Database, settings: Settings, sides: BeforeAfter, say: Wording) -> Compared:
    """The days with what a note tells of beside those before it."""
    after = span(sides.first, sides.last, say)
    before = span(sides.before_first, sides.before_last, say)
    title = say.text("notes.compared", after=after, before=before)
    ends = sides.first, sides.last, sides.before_first
    return _compared(title, comparison.compare(database, settings, *ends), say)


def of_pairs(
    title: str, pairs: Sequence[tuple[comparison.Compared, comparison.Compared]], say: Wording
) -> Compared:
    """Any days that are set beside each other, as this side and the other."""
    changes = comparison.of_pairs(pairs)
    lines = tuple(
        told(name, getattr(changes, name), _means(pairs, figure), say)
        for name, figure in _FIGURES.items()
    )
    return Compared(title, len(pairs), (), moved=False, lines=lines)


def _compared(title: str, each: Comparison, say: Wording) -> Compared:
    found = of_pairs(title, each.paired, say)
    return found._replace(left_out=each.left_out, moved=each.sensor_moved)


def _means(
    pairs: Sequence[tuple[comparison.Compared, comparison.Compared]], figure: str
) -> tuple[float, float] | None:
    """Of the average day on both sides, over the pairs that show the figure on both."""
    values = [
        (mine, theirs)
        for mine, theirs in ((getattr(each, figure).value for each in pair) for pair in pairs)
        if mine is not None and theirs is not None
    ]
    if not values:
        return None
    return statistics.fmean(pair[0] for pair in values), statistics.fmean(
        pair[1] for pair in values
    )


def told(name: str, change: Change, ends: tuple[float, float] | None, say: Wording) -> Line:
    """A figure's change in words. `ends` are the figure now and then, if there is one."""
    unit = _UNITS.get(name, Unit.NUMBER)
    in_points = unit is Unit.PERCENT
    now, then = (getattr(say, unit)(end) for end in ends) if ends else ("", "")
    return Line(
        name=say.text(f"history.compared_{name}"),
        now=now,
        then=then,
        change="" if change.value is None else _signed(change.value, say, in_points=in_points),
        interval=_interval(change, say, in_points=in_points),
        verdict=_verdict(change, say, in_points=in_points),
        is_clear=change.is_clear,
    )


def _verdict(change: Change, say: Wording, *, in_points: bool) -> str:
    if change.value is None:
        return say.text("history.nothing_to_compare")
    if change.low is None or change.high is None:
        return say.text("history.too_few")
    chance = _size((change.high - change.low) / 2, say, in_points=in_points)
    if not change.is_clear:
        return say.text("history.no_telling", chance=chance)
    key = "history.more" if change.value > 0 else "history.fewer"
    return say.text(key, change=_size(change.value, say, in_points=in_points), chance=chance)


def _interval(change: Change, say: Wording, *, in_points: bool) -> str:
    if change.low is None or change.high is None:
        return ""
    low, high = (_signed(end, say, in_points=in_points) for end in (change.low, change.high))
    return say.text("history.from_to", low=low, high=high)


def _signed(value: float, say: Wording, *, in_points: bool) -> str:
    size = _size(value, say, in_points=in_points)
    if size == _size(0, say, in_points=in_points):
        return f"\u00b1{size}"
    return f"{'+' if value > 0 else _MINUS}{size}"


def _size(value: float, say: Wording, *, in_points: bool) -> str:
    digits = 1 if abs(value) < _SMALL else 0
    number = f"{abs(value) * _HUNDRED:.{digits}f}"
    return say.text("history.points" if in_points else "history.percent", number=number)


def span(first: dt.date, last: dt.date, say: Wording) -> str:
    """One day, or the first and the last of several."""
    if first == last:
        return say.day(first)
    return f"{say.day(first)} – {say.day(last)}"  # noqa: RUF001 - a range takes this dash
