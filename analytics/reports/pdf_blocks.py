"""How each block of a report looks on paper."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, assert_never

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import HexColor
from reportlab.platypus import Table, TableStyle

from analytics.reports import colours
from analytics.reports.document import (
    Bars,
    Block,
    Figure,
    Figures,
    HeatMap,
    Notice,
    Notices,
    Words,
)
from analytics.reports.document import Table as Cells

_FIGURES_A_ROW = 4
_BAR_HEIGHT = 7.0

_DASH = "–"  # noqa: RUF001 - as in tables

Style = list[tuple[Any, ...]]

_TIGHT: Style = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
_MIDDLE = ("VALIGN", (0, 0), (-1, -1), "MIDDLE")


class Paper:
    """Makes what reportlab calls flowables, `width` points wide."""

    def __init__(self, width: float, words: Callable[..., Any]) -> None:
        self.width = width
        self.words = words

    def block(self, block: Block) -> list[Any]:
        match block:
            case Figures():
                return list(self._figures(block.items))
            case Notices():
                return [self._notice(each) for each in block.items]
            case Bars():
                return [self._bars(block)]
            case HeatMap():
                return [self._heat_map(block), self._legend(block)]
            case Cells():
                return [self._cells(block)]
            case Words():
                colour = colours.QUIET if block.is_quiet else colours.TEXT
                size = 8.5 if block.is_quiet else 10
                return [self.words(line, size, colour) for line in block.lines]
            case _:
                assert_never(block)

    def _figures(self, items: Sequence[Figure]) -> Iterator[Any]:
        for begin in range(0, len(items), _FIGURES_A_ROW):
            row = [self._figure(each) for each in items[begin : begin + _FIGURES_A_ROW]]
            row += [[] for _ in range(_FIGURES_A_ROW - len(row))]
            style: Style = [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBEFORE", (0, 0), (-1, -1), 1.5, HexColor(colours.ACCENT_SOFT)),
                ("LEFTPADDING", (0, 0), (-1, -1), 7),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ]
            yield _table([row], [self.width / _FIGURES_A_ROW] * _FIGURES_A_ROW, style)

    def _figure(self, figure: Figure) -> list[Any]:
        parts = [self.words(figure.name, 9, colours.QUIET), self.words(figure.value, 17)]
        if figure.range:
            parts.append(self.words(figure.range, 8.5, colours.QUIET))
        return parts + [self.words(each, 8.5) for each in figure.changes]

    def _notice(self, notice: Notice) -> Any:
        colour, soft = (
            (colours.BAD, colours.BAD_SOFT)
            if notice.is_bad
            else (colours.ACCENT, colours.ACCENT_SOFT)
        )
        parts = [self.words(notice.text, 10)]
        if notice.to_do:
            parts.append(self.words(notice.to_do, 9, colours.QUIET))
        style: Style = [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(soft)),
            ("LINEBEFORE", (0, 0), (0, -1), 2.5, HexColor(colour)),
            # White between one notice and the next.
            ("LINEBELOW", (0, 0), (-1, -1), 4, HexColor(colours.PAPER)),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
        ]
        return _table([[parts]], [self.width], style)

    def _bars(self, bars: Bars) -> Any:
        wide = self.width * 0.44
        rows: list[list[Any]] = [
            [
                self.words(bars.head, 8.5, colours.QUIET),
                "",
                self.words(bars.value_head, 8.5, colours.QUIET, is_right=True),
            ]
        ]
        for each in bars.items:
            drawing = Drawing(wide, _BAR_HEIGHT)
            if each.length is not None:
                long = max(wide * each.length, 0.5)
                drawing.add(_rectangle(0, 0, long, _BAR_HEIGHT, colours.ACCENT))
            value = self.words(each.value, 9.5, is_right=True)
            rows.append([self.words(each.label, 9.5), drawing, value])
        return _table(rows, [self.width * 0.36, wide, self.width * 0.2], [*_TIGHT, _MIDDLE])

    def _heat_map(self, heat_map: HeatMap) -> Any:
        left = self.width * 0.1
        room = (self.width - left) / max(len(heat_map.columns), 1)
        head = [self.words(each, 7, colours.QUIET) for each in heat_map.columns]
        rows: list[list[Any]] = [["", *head]]
        style: Style = [
            *_TIGHT,
            _MIDDLE,
            ("INNERGRID", (1, 1), (-1, -1), 1, HexColor(colours.PAPER)),
        ]
        for down, (name, shades) in enumerate(zip(heat_map.rows, heat_map.shades, strict=True), 1):
            row = [self.words(name, 8.5)]
            for across, shade in enumerate(shades, 1):
                row.append("" if shade is not None else self.words(_DASH, 8.5, colours.QUIET))
                if shade is not None:
                    colour = HexColor(colours.SHADES[colours.step(shade)])
                    style.append(("BACKGROUND", (across, down), (across, down), colour))
            rows.append(row)
        return _table(rows, [left, *[room] * len(heat_map.columns)], style)

    def _legend(self, heat_map: HeatMap) -> Any:
        row: list[Any] = []
        for name, colour in (
            (heat_map.few, colours.SHADES[0]),
            (heat_map.many, colours.SHADES[-1]),
        ):
            drawing = Drawing(12, 8)
            drawing.add(_rectangle(0, 0, 9, 8, colour))
            row += [drawing, self.words(name, 8.5, colours.QUIET)]
        none = self.words(f"{_DASH} {heat_map.none}", 8.5, colours.QUIET)
        room = self.width / 3
        return _table([[*row, none]], [14, room - 14, 14, room - 14, room], [*_TIGHT, _MIDDLE])

    def _cells(self, cells: Cells) -> Any:
        first = 0.2 if len(cells.head) > 2 else 0.6  # noqa: PLR2004 - a name and one number
        rest = self.width * (1 - first) / max(len(cells.head) - 1, 1)
        rows = [self._row(cells.head, 8.5, colours.QUIET)]
        rows += [self._row(row, 9, colours.TEXT) for row in cells.rows]
        style: Style = [
            *_TIGHT,
            _MIDDLE,
            ("LINEBELOW", (0, 0), (-1, -2), 0.4, HexColor(colours.LINE)),
        ]
        widths = [self.width * first, *[rest] * (len(cells.head) - 1)]
        # On each page that the table runs on to, its head again.
        return _table(rows, widths, style, repeatRows=1)

    def _row(self, texts: Sequence[str], size: float, colour: str) -> list[Any]:
        return [
            self.words(text, size, colour, is_right=number > 0) for number, text in enumerate(texts)
        ]


def _table(rows: list[list[Any]], widths: Sequence[float], style: Style, **options: Any) -> Any:
    table = Table(rows, colWidths=widths, **options)
    table.setStyle(TableStyle(style))
    return table


def _rectangle(left: float, bottom: float, width: float, height: float, colour: str) -> Any:
    return Rect(left, bottom, width, height, fillColor=HexColor(colour), strokeColor=None)
