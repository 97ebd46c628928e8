"""`doorman access-log`: proves that the law's log is whole, and takes some of it along.

Whatever shows of a person is written into the log first: by whom, for which officer, and why.
"""

import contextlib
from collections.abc import Iterator

import click

from access_log import anchoring, days, verification
from access_log.anchoring import Anchor
from appliance import audit, store_database
from appliance.access_log_export import export_
from core import clock, secret_file, settings
from core.database import Database
from core.sealing import Sealer
from core.settings import Settings

_TROUBLED = 1


@click.group("access-log")
def access_log() -> None:
    """The log of who was online when, which the law asks for: docs/access-log.md."""


@access_log.command()
@audit.ANCHORS
def verify(anchors: tuple[str, ...]) -> None:
    """Go through the whole log; name the first row that is not as it was written."""
    kept = [audit.anchor(text) for text in anchors]
    with _opened() as (found, database, sealer):
        verdict = verification.verify(
            database,
            sealer,
            clock.now(),
            {each.number: each.hash for each in kept},
            floor=found.law_profile.records["access_log"].at_least or 0,
        )
    deleted = f", {verdict.days_deleted} days deleted in due time" if verdict.days_deleted else ""
    for each in verdict.restored:
        click.echo(str(each))
    if verdict.trouble is None:
        click.echo(f"whole: {verdict.rows} rows{deleted}")
        if verdict.number:
            click.echo(f"head {Anchor(verdict.number, verdict.hash)}")
        return
    click.echo(f"right as far as row {verdict.number}: {verdict.rows} rows{deleted}")
    click.echo(str(verdict.trouble), err=True)
    if verdict.trouble.is_of_anchor and verdict.restored:
        click.echo("an anchor of a row from there on may be of what was lost", err=True)
    raise SystemExit(_TROUBLED)


@access_log.command()
def head() -> None:
    """Print where the chain stands, for somebody to keep: NUMBER:HASH."""
    with _opened() as (_, database, _):
        found = anchoring.head(database)
    click.echo(found or "the log is empty")


@access_log.command()
def status() -> None:
    """Say from when on the log is kept, how much of it, and which anchor is the last."""
    with _opened() as (found, database, _):
        standing = days.standing(database)
        stands = anchoring.head(database)
    if stands is None:
        click.echo("the log is empty")
        return
    click.echo(f"kept from {standing.first} on: {standing.rows} rows, the last is {stands.number}")
    click.echo(f"days deleted: {standing.deleted}; {found.access_log.days} days are kept")
    if standing.anchored is None:
        click.echo("never anchored")
    else:
        day, where = standing.anchored
        click.echo(f"anchored to the end of {day}: {where}")


@contextlib.contextmanager
def _opened() -> Iterator[tuple[Settings, Database, Sealer]]:
    found = settings.load()
    with store_database.opened() as database:
        yield found, database, secret_file.open_sealer(found.data_dir)


access_log.add_command(export_)
