"""`doorman resolver`: answers phones' questions for names before login."""

import contextlib
import os
import pwd

import click

from appliance import resolving
from core import settings
from core.setting_groups.network import PrivateRelay
from core.settings import Settings
from portal.advertising import api_uri
from portal.advertising import dnsmasq as dhcp_options
from portal.advertising.api_uri import ApiUriError
from portal.clones import lease_spool
from portal.resolver import dnsmasq


@click.command()
@click.option("--dnsmasq", "lines", is_flag=True, help="Print lines for dnsmasq.conf, and end.")
@click.option("--lease-script", "script", is_flag=True, help="Print it for dnsmasq, and end.")
def resolver(*, lines: bool, script: bool) -> None:
    """Answer phones that are not online: addresses, and nothing that could carry a tunnel."""
    everything = settings.load()
    found = everything.resolver
    if script:
        click.echo(lease_spool.script(everything.data_dir), nl=False)
        return
    if lines:
        click.echo(
            dnsmasq.configuration(
                refuse_private_relay=found.private_relay is PrivateRelay.REFUSE,
                garden=everything.gate.garden_hosts,
                passes=everything.pass_hosts if everything.passes.per_day else (),
            ),
            nl=False,
        )
        click.echo(_lease_lines(everything), nl=False)
        click.echo(_portal_lines(everything), nl=False)
        return
    command = resolving.arguments(found.port)
    os.execv(command[0], command)  # noqa: S606 - our own command line, no shell


def _lease_lines(found: Settings) -> str:
    if not found.clones.lease_script:
        return ""
    # Whoever the folder belongs to is who runs the jobs, and may empty the file there.
    folder = found.data_dir
    owner = folder.stat().st_uid if folder.exists() else os.geteuid()
    return lease_spool.dnsmasq_lines(found.clones.lease_script, pwd.getpwuid(owner).pw_name)


def _portal_lines(found: Settings) -> str:
    name = api_uri.name_of(found.portal.url)
    if not name or found.gate.kind.is_foreign:
        return ""
    lines = dnsmasq.portal_name(name, found.gate.shopper_interface)
    with contextlib.suppress(ApiUriError):
        # Else there is nothing to tell phones: docs/network.md.
        api_uri.of_portal(found.portal.url)
        lines += dhcp_options.configuration(found.advertise.options_file)
    return lines
