"""Draws a report on A4 pages, as PDF. Imported only where one is drawn: `press` sees to that.

Reportlab is chosen over fpdf2, which reads more fonts but takes 110 MiB and a second where this
takes 30 MiB and a quarter (docs/decisions/0004-dependencies.md).
"""

import functools
import io
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    CondPageBreak,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as Cells

from analytics.reports import colours, fonts, pdf_blocks
from analytics.reports.document import Document, Section, Table
from core import texts

_FONT = "report"
_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
# No heading at the foot of a page without the beginning of what it heads.
_LEAST_BELOW_HEADING = 55 * mm
# Reportlab's own, between the margin and what is drawn.
_PADDING = 6


def draw(document: Document) -> bytes:
    """The whole file, or `fonts.NoFontError`."""
    _register(fonts.find())
    paper = pdf_blocks.Paper(_WIDTH, functools.partial(_paragraph, document.language))
    story: list[Any] = [
        paper.words(document.store, 10, colour=colours.QUIET),
        paper.words(document.title, 20),
        paper.words(document.period, 11, colour=colours.QUIET),
        Spacer(0, 3 * mm),
        paper.words(document.lead, 11.5),
    ]
    for section in document.sections:
        story += _section(paper, section)
    story.append(Spacer(0, 6 * mm))
    story += [paper.words(line, 8.5, colour=colours.QUIET) for line in document.ending]
    return _bound(document, story)


def _section(paper: "pdf_blocks.Paper", section: Section) -> list[Any]:
    title = paper.words(section.title, 13)
    if section.layer:
        colour = colours.ACCENT if section.layer == "estimated" else colours.QUIET
        tag = paper.words(section.layer_name, 8.5, colour=colour, is_right=True)
        title = Cells([[title, tag]], colWidths=[_WIDTH * 0.62, _WIDTH * 0.38])
        title.setStyle(
            TableStyle(
                [
                    ("LEFTPADDING", (0, 0), (-1, -1), 0),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                    ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
                    ("LINEBELOW", (0, 0), (-1, -1), 0.6, HexColor(colours.LINE)),
                ]
            )
        )
    story = [CondPageBreak(_LEAST_BELOW_HEADING), Spacer(0, 5 * mm), title, Spacer(0, 2 * mm)]
    for block in section.blocks:
        drawn = paper.block(block)
        # Tables may run on to the next page; what is one picture may not.
        story += drawn if isinstance(block, Table) else [KeepTogether(drawn)]
        story.append(Spacer(0, 2 * mm))
    return story


def _bound(document: Document, story: list[Any]) -> bytes:
    def foot(canvas: Any, template: Any) -> None:
        canvas.setFont(_FONT, 8)
        canvas.setFillColor(HexColor(colours.QUIET))
        canvas.drawString(_MARGIN, 10 * mm, f"{document.store} · {document.period}")
        number = document.page.format(number=template.page)
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, number)

    file = io.BytesIO()
    SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN - _PADDING,
        rightMargin=_MARGIN - _PADDING,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=f"{document.title} · {document.period}",
        author=document.store,
        lang=texts.tag(document.language),
    ).build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


@functools.cache
def _register(path: Path) -> None:
    pdfmetrics.registerFont(TTFont(_FONT, str(path), subfontIndex=0))
    pdfmetrics.registerFontFamily(_FONT, normal=_FONT, bold=_FONT, italic=_FONT, boldItalic=_FONT)


def _paragraph(
    language: str,
    text: str,
    size: float,
    colour: str = colours.TEXT,
    *,
    is_right: bool = False,
) -> Any:
    style = ParagraphStyle(
        "words",
        fontName=_FONT,
        fontSize=size,
        leading=size * 1.45,
        textColor=HexColor(colour),
        # Chinese may break after any character.
        wordWrap="CJK" if language == "zh" else None,
    )
    if is_right:
        style.alignment = TA_RIGHT
    return Paragraph(escape(text), style)
