"""`doorman settings`: reads the settings as every program does, and says whether they will do."""

import click

from core import settings


@click.command("settings")
@click.option(
    "--read",
    "alone",
    is_flag=True,
    help="Only read them: of a program without secrets, or where programs cannot be loaded.",
)
def check(*, alone: bool) -> None:
    """Check the settings. What is wrong is named, and ends it with status 2.

    What programs would refuse at their start is found as well, without starting them.
    """
    found = settings.load()
    if not alone:
        from appliance import settings_trial  # noqa: PLC0415 - loads every program

        settings_trial.attempt(found)
    click.echo(f"settings of {found.store.id} are right ({settings.config_file() or 'no file'})")
