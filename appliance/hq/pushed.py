"""Commands of `doorman hq` for versions that are pushed down to stores."""

import base64
import tomllib
from pathlib import Path

import click

from appliance.hq.database import opened
from core import clock, settings
from hq import published, publishing
from hq.models.pushed_version import Scope

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--region", help="For the stores that are in it now.")
@click.option("--store", help="For one store.")
def publish(file: Path, region: str | None, store: str | None) -> None:
    """Make the next version of FILE (TOML: settings, campaigns, wording), for all stores.

    docs/headquarters.md shows such a file. A version is whole: what it does not name is not
    pushed any more.
    """
    if region is not None and store is not None:
        raise click.UsageError("either --region or --store")
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} is not valid TOML: {error}") from error
    scope, target = Scope.CHAIN, ""
    if region is not None:
        scope, target = Scope.REGION, region
    elif store is not None:
        scope, target = Scope.STORE, store
    with opened(settings.load()) as (database, sealer), database.writing() as session:
        try:
            number = publishing.publish(
                session, sealer, said, clock.now(), scope=scope, target=target
            )
        except publishing.PublishError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"version {number}")


@click.command("published")
def list_published() -> None:
    """Print the versions, the newest first, and whom they are for."""
    with opened(settings.load()) as (database, _), database.reading() as session:
        found = published.listed(session)
    for each in found:
        target = f"{each.scope.value} {each.target}".strip()
        click.echo(f"{each.number:>6}  {each.published_at:%Y-%m-%d %H:%M}  {target}")


@click.command("public-key")
def public_key() -> None:
    """Print the key by which stores check versions: headquarters.public_key there."""
    with opened(settings.load()) as (database, sealer), database.writing() as session:
        key = publishing.public_key(session, sealer, clock.now())
    click.echo(base64.b64encode(key).decode())
