"""`doorman resolver`: answers phones' questions for names before login."""

import signal
import threading

import click

from core import settings
from core.setting_groups.network import PrivateRelay
from portal.resolver import dnsmasq
from portal.resolver.server import Resolver, ResolverError

_DNSMASQ = ("127.0.0.1", 53)


@click.command()
@click.option("--dnsmasq", "lines", is_flag=True, help="Print lines for dnsmasq.conf, and end.")
def resolver(*, lines: bool) -> None:
    """Answer phones that are not online: addresses, and nothing that could carry a tunnel."""
    found = settings.load().resolver
    if lines:
        refuse = found.private_relay is PrivateRelay.REFUSE
        click.echo(dnsmasq.configuration(refuse_private_relay=refuse), nl=False)
        return
    stop_event = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop_event.set())
    try:
        with Resolver(found.port, _DNSMASQ) as serving:
            serving.serve(stop_event)
    except ResolverError as error:
        raise click.ClickException(str(error)) from error
