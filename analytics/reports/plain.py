"""A report as plain text: for mail programs that show no HTML, and for `doorman report`."""

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from typing import assert_never

from analytics.reports.document import (
    Bars,
    Block,
    Document,
    Figure,
    Figures,
    HeatMap,
    Notice,
    Notices,
    Table,
    Words,
)

_WIDTH = 76


def draw(document: Document) -> str:
    lines = [document.store, f"{document.title} · {document.period}", "", *_wrapped(document.lead)]
    for section in document.sections:
        layer = f" ({section.layer_name})" if section.layer_name else ""
        title = f"{section.title}{layer}"
        lines += ["", title, "-" * min(_columns(title), _WIDTH)]
        for block in section.blocks:
            lines += _block(block)
    lines.append("")
    for line in document.ending:
        lines += _wrapped(line)
    return "\n".join(lines) + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Figures():
            for figure in block.items:
                yield from _figure(figure)
        case Notices():
            for notice in block.items:
                yield from _notice(notice)
        case Bars():
            yield from _aligned([(each.label, each.value) for each in block.items])
        case HeatMap():
            # Its best is in the words beside it.
            return
        case Table():
            yield from _aligned([block.head, *block.rows])
        case Words():
            for line in block.lines:
                yield from _wrapped(line)
        case _:
            assert_never(block)


def _figure(figure: Figure) -> Iterator[str]:
    yield f"{figure.name}: {figure.value}" + (f" ({figure.range})" if figure.range else "")
    yield from (f"    {change}" for change in figure.changes)


def _notice(notice: Notice) -> Iterator[str]:
    yield from _wrapped(f"* {notice.text}")
    if notice.to_do:
        yield from _wrapped(f"  -> {notice.to_do}")


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first column to the left, the others to the right."""
    if not rows:
        return
    widths = [max(_columns(row[number]) for row in rows) for number in range(len(rows[0]))]
    for first, *rest in rows:
        cells = [first + " " * (widths[0] - _columns(first))]
        cells += [
            " " * (width - _columns(cell)) + cell
            for cell, width in zip(rest, widths[1:], strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _wrapped(text: str) -> list[str]:
    # A Chinese sentence is one word to textwrap, and no mail program minds its length.
    if any(unicodedata.east_asian_width(letter) in "WF" for letter in text):
        return [text]
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  " if text[:1] in "* " else "")


def _columns(text: str) -> int:
    """How wide the text is in a terminal: Chinese letters take two columns."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)
