"""Where the parts of a chart go. Numbers in, positions out; templates draw them as SVG.

Across, positions are percentages, so that a chart is as wide as its card and its letters
stay as large as they are; down, they are pixels.
"""

import dataclasses
from collections.abc import Sequence

_NICE = (10, 20, 50)
# Of the space a column has, what it fills.
_FILL = 0.72


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    left: float
    middle: float
    width: float
    top: float
    height: float
    value: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Columns:
    """A column chart: `height` pixels for the highest column that the scale has room for."""

    columns: tuple[Column, ...]
    scale: int
    height: int


def columns(values: Sequence[int | None], height: int) -> Columns:
    """Place one column a value; None leaves its place empty."""
    scale = ceiling(max((value for value in values if value is not None), default=0))
    room = 100 / max(len(values), 1)
    return Columns(
        tuple(_column(number, value, room, height, scale) for number, value in enumerate(values)),
        scale,
        height,
    )


def _column(number: int, value: int | None, room: float, height: int, scale: int) -> Column:
    tall = height * (value or 0) / scale
    return Column(
        left=round(room * (number + (1 - _FILL) / 2), 3),
        middle=round(room * (number + 0.5), 3),
        width=round(room * _FILL, 3),
        top=round(height - tall, 2),
        height=round(tall, 2),
        value=value,
    )


def shares(values: Sequence[float | None]) -> list[float]:
    """Lengths of bars in percent of the longest."""
    longest = max((value for value in values if value is not None), default=0) or 1
    return [round(100 * (value or 0) / longest, 2) for value in values]


def ceiling(value: int) -> int:
    """The least of 10, 20, 50, 100, 200, ... that is not below `value`."""
    power = 1
    while True:
        for nice in _NICE:
            if nice * power >= value:
                return nice * power
        power *= 10
