"""Hours of weekdays as heat maps, and as a CSV file. No Flask."""

import dataclasses

from analytics.dashboard.chart import HeatMap, Point, Unit
from analytics.figures import csv_table
from analytics.figures.report import Estimate
from analytics.figures.weekday_hours import WeekdayHours
from analytics.wording import Wording
from core.opening_hours import OpeningHours

FIGURES = ("visitors", "passers_by", "visitor_share")

_HEADER = ("store", "first", "last", "weekday", "hour", "days", *FIGURES)


@dataclasses.dataclass(frozen=True, slots=True)
class Busiest:
    weekday: str
    hour: str
    count: str


def maps(found: WeekdayHours, opening: OpeningHours | None, say: Wording) -> dict[str, HeatMap]:
    """One for each figure, Monday at the top; opening hours are outlined, if they are known."""
    columns = [f"{hour:02}" for hour in found.hours]
    rows = [_weekday(number, days, say) for number, days in enumerate(found.days, 1)]
    outlined = [_open_columns(found, opening, weekday) for weekday in range(len(rows))]
    return {
        name: HeatMap(
            columns=columns,
            rows=rows,
            cells=_cells(found, name),
            head=say.text("heat.weekday"),
            unit=Unit.PERCENT if name == "visitor_share" else Unit.NUMBER,
            outlined=outlined,
        )
        for name in FIGURES
    }


def _open_columns(found: WeekdayHours, opening: OpeningHours | None, weekday: int) -> list[int]:
    is_open = opening.hours_on(weekday) if opening else frozenset()
    return [column for column, hour in enumerate(found.hours) if hour in is_open]


def busiest(found: WeekdayHours, say: Wording) -> Busiest | None:
    """The hour with most visitors; None if none shows any."""
    shown = [
        (each.value, -weekday, -column)
        for weekday, row in enumerate(found.visitors)
        for column, each in enumerate(row)
        if each is not None and each.value is not None
    ]
    if not shown:
        return None
    value, weekday, column = max(shown)
    hour = found.hours[-column]
    return Busiest(
        weekday=say.text(f"date.weekday_{1 - weekday}"),
        hour=f"{hour:02}:00–{(hour + 1) % 24:02}:00",  # noqa: RUF001 - a range takes this dash
        count=say.number(value),
    )


def to_csv(store: str, ends: tuple[str, str], found: WeekdayHours) -> str:
    """A line for each hour of each weekday (1 is Monday); a withheld value is empty."""
    rows = []
    cells = [_cells(found, name) for name in FIGURES]
    for weekday, days in enumerate(found.days):
        for column, hour in enumerate(found.hours):
            points = [each[weekday][column] for each in cells]
            if any(points):
                values = (point.value if point else None for point in points)
                rows.append((store, *ends, weekday + 1, hour, days, *values))
    return csv_table.write(_HEADER, rows)


def _cells(found: WeekdayHours, name: str) -> list[list[Point]]:
    if name != "visitor_share":
        return [list(row) for row in getattr(found, name)]
    return [
        [_visitor_share(*pair) for pair in zip(came, passed, strict=True)]
        for came, passed in zip(found.visitors, found.passers_by, strict=True)
    ]


def _visitor_share(came: Point, passed: Point) -> Point:
    """Of what both cells show; its interval takes the far ends, for the two may err together.

    No entry rate: who came in and left at once is no visitor, and no hour shows how many did.
    """
    if came is None or passed is None:
        return None
    if came.value is None or passed.value is None:
        return Estimate()
    return Estimate(
        _share(came.value, passed.value),
        _share(came.low, passed.high),
        _share(came.high, passed.low),
    )


def _share(part: float | None, rest: float | None) -> float | None:
    if part is None or rest is None:
        return None
    return round(part / max(part + rest, 1), 4)


def _weekday(number: int, days: int, say: Wording) -> str:
    form = {0: "none", 1: "one"}.get(days, "days")
    weekday = say.text(f"date.weekday_{number}")
    return say.text(f"heat.weekday_{form}", weekday=weekday, days=days)
