"""`doorman certificate`: put the portal's certificate in place, and say how long it lasts."""

from pathlib import Path

import click

from core import clock, settings
from core.settings import Settings, SettingsError
from portal.advertising import api_uri, pair, tls
from portal.advertising.api_uri import ApiUriError
from portal.advertising.hang_up import HangUpError, hang_up
from portal.advertising.pair import Pair, PairError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def certificate() -> None:
    """Put the portal's certificate in place: docs/certificate.md."""


@certificate.command()
@click.argument("chain", type=_FILE, envvar="LEGO_CERT_PATH")
@click.argument("key", type=_FILE, envvar="LEGO_CERT_KEY_PATH")
def install(chain: Path, key: Path) -> None:
    """Check CHAIN and KEY (PEM) as phones do, put them in place, reload the front.

    If they are not good, nothing changes and the status is 1. As a hook of lego it needs no
    arguments.
    """
    found = settings.load()
    place = _place(found)
    try:
        taken = pair.install(Pair(chain, key), place, _name(found), clock.now())
    except PairError as error:
        raise click.ClickException(f"kept what was there: {error}") from error
    click.echo(f"in place, good until {tls.ends_at(taken):%Y-%m-%d %H:%M} UTC")
    try:
        hang_up(Path(found.front.folder) / "nginx.pid", "nginx")
    except HangUpError as error:
        click.echo(f"the front reads it at its next start: {error}")
    else:
        click.echo("the front reads it now")


@certificate.command()
def status() -> None:
    """Say whether phones would take the certificate that is in place, and how long."""
    found = settings.load()
    try:
        taken = pair.check(_place(found), _name(found), clock.now())
    except PairError as error:
        raise click.ClickException(str(error)) from error
    ends_at = tls.ends_at(taken)
    left = ends_at - clock.now()
    click.echo(f"good until {ends_at:%Y-%m-%d %H:%M} UTC ({left.days} days)")


def _place(found: Settings) -> Pair:
    if not found.certificate.chain or not found.certificate.key:
        raise SettingsError("certificate.chain and certificate.key: name where they shall lie")
    return Pair(Path(found.certificate.chain), Path(found.certificate.key))


def _name(found: Settings) -> str:
    try:
        return api_uri.of_portal(found.portal.url).host
    except ApiUriError as error:
        raise SettingsError(f"portal.url: {error}") from error
