"""`doorman hq user`: manages who may open the fleet's pages, as what, and for which region."""

import contextlib
from collections.abc import Iterator

import click

from analytics.dashboard import accounts
from appliance import users
from appliance.hq.database import opened
from core import settings
from core.database import Database
from hq.pages import scopes


@click.group()
@click.pass_context
def user(context: click.Context) -> None:
    """Manage who may open the fleet's pages.

    What each role may see: docs/fleet-pages.md.
    """
    context.obj = database


for _command in (users.add, users.show, users.role, users.password, users.remove, users.totp_off):
    user.add_command(_command)


@user.command()
@click.argument("name")
@click.argument("region", required=False)
def region(name: str, region: str | None) -> None:
    """Show NAME the stores of REGION alone; without one, every store."""
    with users.opened() as found:
        user_id = accounts.id_of(found, name)
        if user_id is None:
            raise accounts.UnknownUserError
        scopes.bind(found, user_id, region)
        users.write_down(found, "region", name)
    click.echo(f"{name} sees {'every store' if region is None else f'the stores of {region}'} now")


@contextlib.contextmanager
def database() -> Iterator[Database]:
    with opened(settings.load()) as (found, _sealer):
        yield found
