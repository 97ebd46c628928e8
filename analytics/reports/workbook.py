"""The tables of a report as one XLSX file, a sheet each. Imported only where one is made."""

import datetime as dt
import io
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from analytics.figures.csv_table import Cell
from analytics.reports import words
from analytics.reports.tables import WITHHELD, DataTable
from analytics.wording import Wording

_WIDTH = 14
_MINUTE_S = 60
_SHARES = "entry_rate"
_SECONDS = "_s"
# What people have called something.
_WRITTEN = frozenset({"name", "region", "store"})


def write(tables: list[DataTable], say: Wording) -> bytes:
    file = io.BytesIO()
    # Text stays text: what a guide is called must not be run as a formula.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        formats = _Formats(workbook)
        for table in tables:
            _fill(workbook.add_worksheet(say.text(f"sheet.{table.name}")), table, formats, say)
    return file.getvalue()


class _Cell(NamedTuple):
    about: str
    """The column, or the figure that a row is about."""
    value: Cell


class _Formats:
    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self.head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.share = workbook.add_format({"num_format": "0.0%"})
        self.minutes = workbook.add_format({"num_format": "0.0"})
        self.number = workbook.add_format({"num_format": "#,##0"})
        self.dash = workbook.add_format({"align": "right", "font_color": "#5a6662"})


def _fill(sheet: Worksheet, table: DataTable, formats: _Formats, say: Wording) -> None:
    # The dash in a cell says already what the last column is for.
    columns = [name for name in table.columns if name != WITHHELD]
    for across, name in enumerate(columns):
        sheet.write_string(0, across, say.text(f"column.{name}"), formats.head)
    for down, row in enumerate(table.rows, 1):
        for across, name in enumerate(columns):
            # Of a summary, the first cell says what the row is about.
            about = str(row[0]) if columns[0] == "figure" else name
            _write(sheet, (down, across), _Cell(about, row[across]), formats, say)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(columns) - 1, _WIDTH)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(columns) - 1)


def _write(
    sheet: Worksheet,
    place: tuple[int, int],
    cell: _Cell,
    formats: _Formats,
    say: Wording,
) -> None:
    down, across = place
    match cell.value:
        case None:
            sheet.write_string(down, across, words.NOT_SHOWN, formats.dash)
        case str() as text:
            sheet.write_string(down, across, _word(text, cell.about, say))
        case dt.datetime() as moment:
            # Excel knows no zones: it shows the store's clock.
            sheet.write_datetime(down, across, moment.replace(tzinfo=None), formats.moment)
        case dt.date() as day:
            sheet.write_datetime(down, across, day, formats.day)
        case number if cell.about.startswith(_SHARES):
            sheet.write_number(down, across, number, formats.share)
        case number if cell.about.endswith(_SECONDS):
            sheet.write_number(down, across, number / _MINUTE_S, formats.minutes)
        case number:
            sheet.write_number(down, across, number, formats.number)


def _word(text: str, about: str, say: Wording) -> str:
    """Our own words in the report's language; what people wrote, as they wrote it."""
    if about in _WRITTEN:
        return text
    return say.texts.catalogues[say.language].get(f"column.{text}", text)
