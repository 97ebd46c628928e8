"""`doorman settings`: reads the settings as every program does, and says whether they will do."""

import click

from core import settings


@click.command("settings")
def check() -> None:
    """Check the settings. What is wrong is named, and ends it with status 2."""
    found = settings.load()
    click.echo(f"settings of {found.store.id} are right ({settings.config_file() or 'no file'})")
