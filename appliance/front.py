"""`doorman front`: runs nginx in front of the portal, or prints its configuration."""

import os
import shutil
from pathlib import Path

import click

from appliance import front_check, front_keeper
from core import settings
from core.setting_groups.front import FrontServer
from core.settings import Settings, SettingsError
from core.texts import Texts
from portal.front import configuration
from portal.front.configuration import FrontError
from portal.wsgi import TEXTS

_NAME = "nginx.conf"


@click.command()
@click.option("--nginx", "printing", is_flag=True, help="Print nginx's configuration, and end.")
def front(*, printing: bool) -> None:
    """Stand in front of the portal: answer probes, end TLS, wait for slow phones.

    Started as root it takes the ports below 1024 and reads the certificate's key; its
    workers run as front.user. With SIGHUP it reads a new certificate.
    """
    found = settings.load()
    text = write(found)
    if printing:
        click.echo(text, nl=False)
        return
    if found.front.server is FrontServer.NONE:
        raise SettingsError('front.server: must be "nginx", or the portal does not listen to it')
    program = find_program()
    if program is None:
        raise click.ClickException("nginx is not installed (apt-get install nginx-light)")
    folder = Path(found.front.folder)
    # Others must be able to pass through it, to temporary files of theirs.
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    file = folder / _NAME
    file.write_text(text, "utf-8")
    keeper = front_keeper.arguments(
        front_check.address(found), found.front.http_port, command(program, folder)
    )
    os.execv(keeper[0], keeper)  # noqa: S606 - our own command line, no shell


def command(program: str, folder: Path) -> list[str]:
    return [program, "-e", "stderr", "-p", str(folder), "-c", str(folder / _NAME)]


def find_program() -> str | None:
    # Debian keeps it where only root's path leads.
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def write(found: Settings) -> str:
    """Nginx's configuration; SettingsError if the settings or the certificate allow none."""
    return written(found, staples=_staples(found.certificate.chain))


def written(found: Settings, *, staples: bool) -> str:
    """The same without a look at the certificate."""
    texts = Texts.load(TEXTS)
    try:
        return configuration.write(found, texts, staples=staples)
    except FrontError as error:
        raise SettingsError(str(error)) from error


def _staples(chain: str) -> bool:
    if not chain:
        return False
    try:
        return configuration.names_responder(Path(chain).read_bytes())
    except OSError as error:
        raise SettingsError(f"certificate.chain: {chain}: {error.strerror}") from error
    except ValueError as error:
        raise SettingsError(f"certificate.chain: {chain} holds no certificate (PEM)") from error
