"""Writes a table as a CSV file (RFC 4180) that a spreadsheet opens and does not run."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence

Cell = str | int | float | dt.date | dt.datetime | None
"""None is withheld, or not there: an empty cell."""

BOM = "\ufeff"
"""Before everything else, or Excel in China takes UTF-8 for GBK."""

# A spreadsheet takes text that begins so for a formula, and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(columns: Sequence[str], rows: Iterable[Iterable[Cell]], *, bom: bool = False) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_said(cell) for cell in row])
    return (BOM if bom else "") + text.getvalue()


def _said(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return str(cell) if isinstance(cell, int | float) else cell.isoformat()
