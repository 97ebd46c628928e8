"""`doorman report`: the traffic of any days, to read, to print, or for a spreadsheet."""

import datetime as dt
import json
import sys
from pathlib import Path

import click
import sqlalchemy as sa

from analytics.figures import csv_table, period_report
from analytics.reports import composition, contents, fonts, html, plain, tables, words
from analytics.reports.document import Document
from analytics.reports.period import Period
from analytics.wording import Wording
from core import clock, settings
from core import database as databases
from core.database import Database
from core.settings import Settings

_DAY = click.DateTime(["%Y-%m-%d"])
_FORMS = ("text", "html", "pdf", "xlsx", "csv", "json")
_BINARY = frozenset({"pdf", "xlsx"})


@click.command()
@click.option("--day", type=_DAY, help="One store-local day; today without any of the three.")
@click.option("--from", "first", type=_DAY, help="The first of several days.")
@click.option("--to", "last", type=_DAY, help="The last of them, included; today without it.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="text",
    show_default=True,
    help="What is written.",
)
@click.option(
    "--table",
    type=click.Choice(tables.NAMES),
    default="days",
    show_default=True,
    help="Which of the tables --format csv prints.",
)
@click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark, for Excel.")
@click.option("--language", type=click.Choice(words.LANGUAGES), help="Without it, the store's.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file."
)
def report(
    *,
    day: dt.datetime | None,
    first: dt.datetime | None,
    last: dt.datetime | None,
    form: str,
    table: str,
    bom: bool,
    language: str | None,
    output: Path | None,
) -> None:
    """Print the traffic of a day or of several. Small counts are withheld in every form."""
    found = settings.load()
    period = _period(day, first, last, found.today(clock.now()))
    say = words.load(found, language or words.default_language(found))
    if form in _BINARY and output is None and sys.stdout.isatty():
        raise click.UsageError(f"{form} is nothing for a terminal: give --output")
    database = databases.open_database(found)
    try:
        made = _made(database, found, period, form, table=table, bom=bom, say=say)
    except sa.exc.DatabaseError as error:
        raise click.ClickException(
            "the database cannot be read: doorman migrate, then doorman doctor"
        ) from error
    except fonts.NoFontError as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.dispose()
    if output is None:
        click.echo(made, nl=False)
        return
    try:
        output.write_bytes(made)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from error


def _period(
    day: dt.datetime | None,
    first: dt.datetime | None,
    last: dt.datetime | None,
    today: dt.date,
) -> Period:
    if day is not None and (first is not None or last is not None):
        raise click.UsageError("either --day, or --from and --to")
    if first is None and last is not None:
        raise click.UsageError("--to needs --from")
    if first is None:
        only = day.date() if day else today
        period = Period(only, only)
    else:
        period = Period(first.date(), last.date() if last else today)
    if period.days < 1:
        raise click.UsageError("--to lies before --from")
    if period.first < period_report.EARLIEST:
        raise click.UsageError(f"no store has figures of before {period_report.EARLIEST}")
    if period.last > today:
        raise click.UsageError(f"{period.last} has not come yet")
    return period


def _made(
    database: Database,
    found: Settings,
    period: Period,
    form: str,
    *,
    table: str,
    bom: bool,
    say: Wording,
) -> bytes:
    match form:
        case "csv":
            asked = tables.find(table, database, found, period)
            return csv_table.write(asked.columns, asked.rows, bom=bom).encode()
        case "json":
            return _json(tables.find_all(database, found, period), period, found)
        case "xlsx":
            from analytics.reports import workbook  # noqa: PLC0415 - only where one is made

            return workbook.write(tables.find_all(database, found, period), say)
    document = composition.compose(contents.find(database, found, period, clock.now()), say)
    return _drawn(document, form)


def _drawn(document: Document, form: str) -> bytes:
    if form == "pdf":
        from analytics.reports import pdf  # noqa: PLC0415 - heavy

        return pdf.draw(document)
    return (html.draw(document) if form == "html" else plain.draw(document)).encode()


def _json(found: list[tables.DataTable], period: Period, of_store: Settings) -> bytes:
    data = {
        "store": of_store.store.id,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "withheld_below": of_store.traffic.suppress_below,
        "tables": {
            each.name: [dict(zip(each.columns, row, strict=True)) for row in each.rows]
            for each in found
        },
    }
    return (json.dumps(data, ensure_ascii=False, default=dt.date.isoformat) + "\n").encode()
