"""`doorman radius`: FreeRADIUS by our settings, and which gateways have been heard."""

import os
from pathlib import Path

import click

from appliance import radius_check
from core import settings, whole_file
from core.setting_groups.radius import RadiusSettings
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
    found = _settings()
    click.echo(freeradius.write(found, nas.read(found)), nl=False)


@radius.command()
def run() -> None:
    """Run FreeRADIUS between the gateways and the gate.

    Needs the gateways' secrets, as the gate does. FreeRADIUS takes this process' place and tells
    systemd itself that it serves.
    """
    found = _settings()
    program = freeradius.find_program()
    if program is None:
        raise click.ClickException(
            "FreeRADIUS is not installed (apt-get install freeradius freeradius-rest)"
        )
    folder = Path(found.folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = freeradius.write(found, nas.read(found), run_dir=folder, log="stdout")
    whole_file.replace(folder / freeradius.NAME, text.encode(), mode=0o600)
    # What it needs to know of them is in that file.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("DOORMAN_")
    }
    words = freeradius.command(program, folder)
    os.execve(words[0], words, environment)  # noqa: S606 - our own command line, no shell


@radius.command()
def status() -> None:
    """Say whether FreeRADIUS lives, and how long ago each gateway was heard."""
    for finding in radius_check.examine(settings.load()):
        click.echo(finding.text)


def _settings() -> RadiusSettings:
    found = settings.load().radius
    if not found.nas:
        raise SettingsError("radius.nas: name one gateway at least")
    return found
