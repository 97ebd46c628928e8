"""`doorman sensors`: which other sensors may send to this box (docs/remote-sensors.md)."""

import os
from pathlib import Path

import click

from appliance import joined_sensors, thin_sensor
from core import clock, settings
from core.settings import Settings
from sniffer.remote.authority import RENEW_BEFORE, Authority, AuthorityError


@click.group()
def sensors() -> None:
    """Manage the store's other sensors, which send to this box: docs/remote-sensors.md."""


sensors.add_command(thin_sensor.program)


@sensors.command()
@click.argument("name")
@click.argument("bundle_file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def add(name: str, bundle_file: Path) -> None:
    """Let a sensor send under NAME, and write its bundle to FILE.

    Carry that file to the sensor's box, and delete it here: it is its only key. A sensor
    that had the name before is refused from now on.
    """
    found = settings.load()
    if name == found.sensor.id:
        raise click.ClickException(f"{name} is this box's own sensor (sensor.id): take another")
    try:
        # Before it is made: a name must not be taken away for a bundle that nobody gets.
        handle = os.open(bundle_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(f"{bundle_file} cannot be made: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        try:
            file.write(authority_of(found).add(name, clock.now()))
        except AuthorityError as error:
            bundle_file.unlink()
            raise click.ClickException(str(error)) from error
    click.echo(f"{name} may send. Carry {bundle_file} to its box (sensor.bundle), delete it here")


@sensors.command("list")
def list_sensors() -> None:
    """Print who may send, and until when."""
    now = clock.now()
    for known in authority_of(settings.load()).known():
        old = now > known.certificate_ends_at - RENEW_BEFORE
        mark = "  doorman sensors add makes it a new bundle" if old else ""
        click.echo(f"{known.name:<20} until {known.certificate_ends_at:%Y-%m-%d}{mark}")


@sensors.command()
@click.argument("name")
def remove(name: str) -> None:
    """Refuse the sensor NAME from its next word on."""
    try:
        authority_of(settings.load()).remove(name)
    except AuthorityError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name} may no longer send")


def authority_of(found: Settings) -> Authority:
    return joined_sensors.authority_in(found.data_dir)
