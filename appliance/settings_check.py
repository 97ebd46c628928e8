"""`doorman settings`: reads the settings as every program does, and says whether they will do."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence

import click
from pydantic import SecretStr

from core import setting_sources, settings
from core.settings import Settings, SettingsError


@click.command("settings")
@click.option(
    "--read",
    "alone",
    is_flag=True,
    help="Only read them: of a program without secrets, or where programs cannot be loaded.",
)
@click.option(
    "--without-secrets",
    is_flag=True,
    help="Refuse secrets in the file, as one that others may read: the environment has them.",
)
def check(*, alone: bool, without_secrets: bool) -> None:
    """Check the settings. What is wrong is named, and ends it with status 2.

    What programs would refuse at their start is found as well, without starting them.
    """
    found = settings.load()
    if without_secrets:
        _refuse_secrets(found)
    if not alone:
        from appliance import settings_trial  # noqa: PLC0415 - loads every program

        settings_trial.attempt(found)
    click.echo(
        f"settings of {found.store.id} are right ({setting_sources.config_file() or 'no file'})"
    )


def _refuse_secrets(found: Settings) -> None:
    file = setting_sources.config_file()
    written = tomllib.loads(file.read_text()) if file else {}
    names = sorted(_secrets(found, written))
    if names:
        raise SettingsError(
            "\n".join(f"{name} is a secret: it must not be in the settings file" for name in names)
        )


def _secrets(found: object, written: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Names of what is secret by its sort, or holds a password, of what is written."""
    if isinstance(found, SecretStr):
        if written:
            yield ".".join(path)
    elif path == ("database", "url"):
        if "@" in str(written) and ":" in str(written).partition("://")[2].rpartition("@")[0]:
            yield ".".join(path)
    elif isinstance(written, Mapping):
        for name, inner in written.items():
            here = found.get(name) if isinstance(found, Mapping) else getattr(found, name, None)
            yield from _secrets(here, inner, (*path, name))
    elif isinstance(written, list) and isinstance(found, Sequence):
        for here, inner in zip(found, written, strict=False):
            yield from _secrets(here, inner, path)
