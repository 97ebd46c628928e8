"""`doorman radius`: what FreeRADIUS needs, and which gateways have been heard."""

import click

from appliance import radius_check
from core import settings
from core.settings import SettingsError
from gear.radius import freeradius, nas


@click.group(invoke_without_command=True)
@click.option(
    "--freeradius", "configuration", is_flag=True, help="Print its configuration, secrets included."
)
@click.pass_context
def radius(context: click.Context, *, configuration: bool) -> None:
    """Gateways of other makers, by RADIUS (docs/gear-radius.md).

    doorman radius --freeradius > /etc/freeradius/doorman/radiusd.conf
    """
    if context.invoked_subcommand is not None:
        return
    if not configuration:
        click.echo(context.get_help())
        return
    found = settings.load().radius
    if not found.nas:
        raise SettingsError("radius.nas: name one gateway at least")
    click.echo(freeradius.write(found, nas.read(found)), nl=False)


@radius.command()
def status() -> None:
    """Say whether FreeRADIUS lives, and how long ago each gateway was heard."""
    for finding in radius_check.examine(settings.load()):
        click.echo(finding.text)
