"""`doorman headquarters`: what the store has from its headquarters, and the way back."""

import click

from appliance.headquarters import turn
from core import clock, settings
from core import database as databases
from core.pushed import taking
from core.pushed.folder import Folder
from core.pushed.trouble import PushedError
from core.settings import Settings

_MENDS = {
    "no_public_key": "set headquarters.public_key (`doorman hq public-key` prints it there)",
    "signature": "it is not signed by headquarters.public_key",
    "malformed": "it is not kept here, or of a form that this version of Doorman does not know",
    "settings": "with it the store's own settings would not load",
    "not_for_us": "it is for other stores",
}


@click.group()
def headquarters() -> None:
    """See which version of headquarters' settings the store goes by; go back to another."""


@headquarters.command()
def status() -> None:
    """Say where headquarters is, which version is in force, and which are kept."""
    found = settings.load()
    folder = Folder(found.data_dir)
    standing = folder.standing()
    click.echo(f"headquarters: {found.headquarters.url or 'none'}")
    version = "none" if standing.version is None else str(standing.version)
    since = f", since {standing.since:%Y-%m-%d %H:%M} UTC" if standing.since else ""
    click.echo(f"version in force: {version}{since}")
    if not taking.is_in_force(folder):
        click.echo("its settings are left out: with them the store's own would not load")
    if standing.is_pinned:
        click.echo("pinned: it takes no newer one until `doorman headquarters follow`")
    kept = ", ".join(str(number) for number in folder.numbers())
    click.echo(f"versions kept: {kept or 'none'}")


@headquarters.command("roll-back")
@click.argument("version", type=click.IntRange(0), required=False)
def roll_back(version: int | None) -> None:
    """Go back to VERSION, or to the one before; 0: to the store's own settings alone.

    The store stays there until `doorman headquarters follow`. Headquarters gets to see it.
    """
    found = settings.load()
    folder = Folder(found.data_dir)
    number = folder.standing().former if version is None else version or None
    try:
        taking.roll_back(found, folder, number, clock.now())
    except PushedError as error:
        raise click.ClickException(_explain(error)) from error
    _bring_campaigns(found)
    click.echo(f"in force: {number or 'no version'}; pinned")


@headquarters.command()
def follow() -> None:
    """Go by the newest version again, and by each that comes."""
    found = settings.load()
    try:
        number = taking.follow(found, Folder(found.data_dir), clock.now())
    except PushedError as error:
        raise click.ClickException(_explain(error)) from error
    _bring_campaigns(found)
    click.echo(f"in force: {number or 'no version yet'}")


def _explain(error: PushedError) -> str:
    mend = _MENDS.get(error.trouble.value, error.trouble.value)
    return f"that version is not taken: {mend}"


def _bring_campaigns(found: Settings) -> None:
    database = databases.open_database(found)
    try:
        turn.bring_campaigns(found, database, clock.now())
    finally:
        database.dispose()
