"""`doorman hq figures`: what the chain's visit rows come to (docs/fleet.md)."""

import datetime as dt
import sys
from collections.abc import Iterable, Sequence

import click
import sqlalchemy as sa

from analytics.figures import csv_table
from analytics.figures.csv_table import Cell
from appliance.hq.database import opened
from core import clock, settings
from core.models.traffic import DWELL_BUCKETS
from core.settings import Settings
from hq.fleet import folder
from hq.fleet.folder import LANDED, FolderError, Partition
from hq.models.region_day import RegionDay

_DAY = click.DateTime(["%Y-%m-%d"])
_COUNTS = ("stores", "passers_by", "visitors", "bounces")
_TIMES = ("dwell_q1_s", "dwell_median_s", "dwell_q3_s")


class _Group(click.Group):
    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except FolderError as error:
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as error:
            raise click.ClickException(
                f"{error.name} is not installed: install doorman[fleet]"
            ) from error


@click.group(cls=_Group)
def figures() -> None:
    """Count the chain's visits, and ask about them."""


@figures.command()
@click.option("--days", default=14, show_default=True, help="How far back to look for news.")
def night(days: int) -> None:
    """Count what stores have sent, and put small files together; to be run once a night.

    A run that was cut short is gone on with by the next.
    """
    found = settings.load()
    today = clock.now().date()
    where = folder.of(found)
    since = today - dt.timedelta(days=days)
    _count(found, [day for day in where.days(LANDED) if day >= since], again=False)
    from hq.fleet import compaction  # noqa: PLC0415 - only here, and slow to load

    click.echo(f"{compaction.compact(found, today)} files less", err=True)


@figures.command()
@click.argument("day", type=_DAY)
@click.option("--stores", is_flag=True, help="Every store beside its region.")
@click.option("--again", is_flag=True, help="Count all stores again, not only what is new.")
def day(day: dt.datetime, *, stores: bool, again: bool) -> None:
    """Print a day's figures by region, as CSV; what is new is counted first."""
    found = settings.load()
    _count(found, [day.date()], again=again)
    rows = _rows(found, day.date(), day.date())
    if stores:
        _print_stores(found, rows)
    else:
        _print_regions(rows)


@figures.command("range")
@click.argument("first", type=_DAY)
@click.argument("last", type=_DAY)
def days(first: dt.datetime, last: dt.datetime) -> None:
    """Print the figures of all days from FIRST to LAST together, by region, as CSV."""
    from hq.fleet.region_figures import Sums  # noqa: PLC0415 - only here, and slow to load

    found = settings.load()
    rows = _rows(found, first.date(), last.date())
    together = [
        RegionDay(
            day=first.date(),
            region=region,
            files="",
            **Sums.of_rows([row for row in rows if row.region == region]).figures(
                found.traffic.suppress_below
            ),
        )
        for region in sorted({row.region for row in rows})
    ]
    _print_regions(together)


@figures.command()
def compact() -> None:
    """Put the files of each day's stores together, where all are counted."""
    from hq.fleet import compaction  # noqa: PLC0415 - only here, and slow to load

    fewer = compaction.compact(settings.load(), clock.now().date())
    click.echo(f"{fewer} files less", err=True)


@figures.command()
@click.argument("question")
def sql(question: str) -> None:
    """Answer a SELECT over the views `visits` and `figures`, as CSV."""
    from hq.fleet import sql as asked  # noqa: PLC0415 - only here, and slow to load

    try:
        names, rows = asked.answer(settings.load(), question)
    except asked.QueryError as error:
        raise click.ClickException(str(error)) from error
    _print(names, ([_cell(value) for value in row] for row in rows))


def _count(found: Settings, days: Sequence[dt.date], *, again: bool) -> None:
    from hq.fleet import cluster  # noqa: PLC0415 - only here, and slow to load
    from hq.fleet import figures as counting  # noqa: PLC0415 - as above

    with opened(found) as (database, _), cluster.running(found.hq.fleet) as run:
        for done in counting.bring_up_to_date(found, database, days, run, again=again):
            click.echo(f"{done.day}: {done.store_days} store-days counted", err=True)
            if done.left_out:
                names = ", ".join(done.left_out)
                click.echo(f"{done.day}: left out, as they cannot be read: {names}", err=True)


def _rows(found: Settings, first: dt.date, last: dt.date) -> Sequence[RegionDay]:
    wanted = sa.select(RegionDay).where(RegionDay.day.between(first, last))
    with opened(found) as (database, _), database.reading() as session:
        return session.scalars(wanted.order_by(RegionDay.day, RegionDay.region)).all()


def _print_regions(rows: Iterable[RegionDay]) -> None:
    _print(
        ["region", *_COUNTS, *_TIMES, *DWELL_BUCKETS],
        (
            [
                row.region,
                *(getattr(row, name) for name in (*_COUNTS, *_TIMES)),
                *(row.data["dwell_visits"][name] for name in DWELL_BUCKETS),
            ]
            for row in rows
        ),
    )


def _print_stores(found: Settings, rows: Iterable[RegionDay]) -> None:
    from hq.fleet import figures as counting  # noqa: PLC0415 - only here, and slow to load

    where = folder.of(found)
    _print(
        ["region", "store", "passers_by", "visitors", "dwell_median_s", "region_dwell_median_s"],
        (
            [
                row.region,
                store["store"],
                store["passers_by"],
                store["visitors"],
                store["dwell_median_s"],
                row.dwell_median_s,
            ]
            for row in rows
            for store in counting.of_stores(where, Partition(row.day, row.region))
        ),
    )


def _print(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    sys.stdout.write(csv_table.write(header, rows))


def _cell(value: object) -> Cell:
    return value if isinstance(value, Cell) else str(value)
