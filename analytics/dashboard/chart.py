"""What a chart shows: figures and the words for them. No Flask.

The template's macro `chart` makes a table of it, and a block of data from which charts.js draws
the same. Nothing here knows where on the page anything goes.
"""

import dataclasses
import enum
from collections.abc import Collection, Iterator, Sequence

from analytics.figures.report import Estimate
from analytics.wording import Wording


class Layer(enum.StrEnum):
    """Where figures come from. Each looks different, and no chart leaves it unsaid."""

    MEASURED = "measured"
    """Logins and phones that are online: each was there."""
    ESTIMATED = "estimated"
    """Devices, from what the sensor hears, with a 95 % interval."""
    CALIBRATED = "calibrated"
    """People, from devices and a count by hand."""


class Kind(enum.StrEnum):
    COLUMNS = "columns"
    LINES = "lines"
    BARS = "bars"
    """Columns that lie, for labels that are long."""


class Unit(enum.StrEnum):
    """The method of Wording that says a figure."""

    NUMBER = "number"
    PERCENT = "percent"
    DURATION = "duration"


# What a figure is multiplied with to be drawn.
_SCALE = {Unit.NUMBER: 1.0, Unit.PERCENT: 100.0, Unit.DURATION: 1 / 60}

Point = Estimate | None
"""None: nothing is there, because it has not come yet or nobody counted. An Estimate without a
value is withheld; with `low` and `high`, its interval is drawn.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Series:
    name: str
    points: Sequence[Point]
    layer: Layer = Layer.ESTIMATED
    tone: str = "main"
    """Or "second": what stands beside the main series."""


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """A line across the chart: from here on something was different."""

    at: int
    """The number of the label."""
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Chart:
    labels: Sequence[str]
    series: Sequence[Series]
    head: str
    """What the labels are: "Hour"."""
    kind: Kind = Kind.COLUMNS
    unit: Unit = Unit.NUMBER
    marks: Sequence[Mark] = ()
    ticks: Sequence[str] = ()
    """The labels as the axis has room for them."""

    @property
    def layers(self) -> list[Layer]:
        return [layer for layer in Layer if any(each.layer is layer for each in self.series)]

    @property
    def is_withheld_anywhere(self) -> bool:
        return any(_is_withheld(point) for each in self.series for point in each.points)

    @property
    def heads(self) -> list[str]:
        """The heads of the table's columns but the first."""
        return [each.name for each in self.series]

    def table(self) -> Iterator[tuple[str, list[Point]]]:
        """Of each label what every series has there, if any has."""
        for number, label in enumerate(self.labels):
            points = [each.points[number] for each in self.series]
            if any(points):
                yield label, points

    def to_data(self, say: Wording) -> dict[str, object]:
        """For the script, with every figure as it is said."""
        return {
            "kind": self.kind,
            "axis": _axis(self.unit, say),
            "labels": list(self.labels),
            "ticks": list(self.ticks or self.labels),
            "series": [
                {
                    "name": each.name,
                    "layer": each.layer,
                    "tone": each.tone,
                    "points": [_data(point, self.unit, say) for point in each.points],
                }
                for each in self.series
            ],
            "marks": [dataclasses.asdict(mark) for mark in self.marks],
        }


@dataclasses.dataclass(frozen=True, slots=True)
class HeatMap:
    """A cell for each row and column, the darker the more."""

    columns: Sequence[str]
    rows: Sequence[str]
    cells: Sequence[Sequence[Point]]
    """One sequence a row."""
    head: str
    """What the rows are: "Weekday"."""
    layer: Layer = Layer.ESTIMATED
    unit: Unit = Unit.NUMBER
    outlined: Sequence[Collection[int]] = ()
    """Of each row, the numbers of columns that a line goes round."""

    @property
    def layers(self) -> list[Layer]:
        return [self.layer]

    @property
    def is_withheld_anywhere(self) -> bool:
        return any(_is_withheld(point) for row in self.cells for point in row)

    @property
    def heads(self) -> Sequence[str]:
        return self.columns

    @property
    def most(self) -> Estimate:
        """The darkest cell."""
        shown = [point for row in self.cells for point in row if point and point.value is not None]
        return max(shown, key=lambda point: point.value or 0, default=Estimate())

    def table(self) -> Iterator[tuple[str, Sequence[Point]]]:
        yield from zip(self.rows, self.cells, strict=True)

    def to_data(self, say: Wording) -> dict[str, object]:
        """For the script, with every figure as it is said."""
        return {
            "kind": "heat",
            "columns": list(self.columns),
            "rows": list(self.rows),
            "cells": [[_data(point, self.unit, say) for point in row] for row in self.cells],
            "outlined": [sorted(row) for row in self.outlined],
        }


def shares(values: Sequence[float | None]) -> list[float]:
    """Lengths of bars in percent of the longest."""
    longest = max((value for value in values if value is not None), default=0) or 1
    return [round(100 * (value or 0) / longest, 2) for value in values]


def _is_withheld(point: Point) -> bool:
    return point is not None and point.value is None


def _axis(unit: Unit, say: Wording) -> str:
    """What stands behind the numbers of an axis."""
    return {Unit.PERCENT: "%", Unit.DURATION: say.text("chart.axis_duration")}.get(unit, "")


def _data(point: Point, unit: Unit, say: Wording) -> list[object] | None:
    """[words, value, low, high] as far as there are any; a withheld figure is words alone."""
    if point is None:
        return None
    parts = (point.value, point.low, point.high)
    drawn = [round(part * _SCALE[unit], 3) for part in parts if part is not None]
    return [say.estimate(point, unit), *drawn]
