"""`doorman report`: prints a day's traffic."""

import datetime as dt
import json

import click
import sqlalchemy as sa

from analytics import presence_report
from analytics import report as reports
from analytics.presence_report import PresenceLine
from analytics.report import DayReport, Estimate
from core import clock, settings
from core import database as databases


@click.command()
@click.option(
    "--day", "moment", type=click.DateTime(["%Y-%m-%d"]), help="Store-local day; today without it."
)
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@click.option("--json", "form", flag_value="json", help="Print one JSON object.")
def report(moment: dt.datetime | None, form: str | None) -> None:
    """Print a day's traffic. Small counts are withheld in every form."""
    found = settings.load()
    day = moment.date() if moment else found.today(clock.now())
    database = databases.open_database(found)
    try:
        of_day = reports.find(database, found, day)
        presence = presence_report.find(database, found, day)
    except sa.exc.DatabaseError as error:
        raise click.ClickException(
            "the database cannot be read: doorman migrate, then doorman doctor"
        ) from error
    finally:
        database.dispose()
    if of_day is None and presence and form is None:
        click.echo(_presence_text(presence))
        return
    if of_day is None:
        why = ": that day was in strict mode, so there are no visits" if presence else ""
        raise click.ClickException(f"there are no figures for {day.isoformat()}{why}")
    if form == "csv":
        click.echo(of_day.to_csv(), nl=False)
    elif form == "json":
        click.echo(json.dumps(of_day.to_data()))
    else:
        click.echo(_text(of_day))


def _text(of_day: DayReport) -> str:
    state = "closed" if of_day.closed_at else f"running, as of {of_day.updated_at.isoformat()}"
    lines = [
        f"{of_day.store}, {of_day.day.isoformat()} ({state})",
        f"passers-by   {_said(of_day.passers_by, '{:.0f}')}",
        f"visitors     {_said(of_day.visitors, '{:.0f}')}",
        f"entry rate   {_said(of_day.entry_rate, '{:.1%}')}",
        f"time inside  {_said(_minutes(of_day.dwell_median_s), '{:.0f} min')}",
        "",
        "hour    visitors  passers-by",
    ]
    lines += [
        f"{hour.start:%H:%M}  {_count(hour.visitors):>10}  {_count(hour.passers_by):>10}"
        for hour in of_day.hours
    ]
    return "\n".join(lines)


def _presence_text(hours: list[PresenceLine]) -> str:
    lines = [
        "strict mode: no phone is known again after four minutes, so there are no visits",
        "",
        "hour   phones near, average    most  inside, average",
    ]
    lines += [
        f"{hour.start:%H:%M}  {_count(hour.near):>20}  {_count(hour.near_most):>6}"
        f"  {_count(hour.inside):>15}"
        for hour in hours
    ]
    return "\n".join(lines)


def _said(estimate: Estimate, form: str) -> str:
    if estimate.value is None:
        return "withheld"
    low, high = form.format(estimate.low), form.format(estimate.high)
    return f"{form.format(estimate.value)} ({low} to {high})"


def _minutes(estimate: Estimate) -> Estimate:
    seconds = (estimate.value, estimate.low, estimate.high)
    return Estimate(*(None if each is None else each / 60 for each in seconds))


def _count(count: int | None) -> str:
    return "withheld" if count is None else str(count)
