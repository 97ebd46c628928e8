"""`doorman gate`: runs the gate, or asks the one that runs: who is online, and stop this one."""

import contextlib
import os
import pwd
import sys
from collections.abc import Iterator

import click
import sqlalchemy as sa

from core import clock, revocation, secret_file, settings
from core import database as databases
from core.mac import InvalidMacError, Mac
from core.models.grant import EndCause
from core.setting_groups.front import FrontServer
from gate.client import GateClient, GateError
from gate.ruleset import Ruleset, RulesetError


@click.group(invoke_without_command=True)
@click.option(
    "--ruleset",
    "printing",
    is_flag=True,
    help="Print the firewall rules the gate works on, and end.",
)
@click.pass_context
def gate(context: click.Context, *, printing: bool) -> None:
    """Let phones through the firewall, on the portal's word. Needs CAP_NET_ADMIN.

    With gate.kind = "recording" it only remembers who would be online; with "unifi" or
    "radius" it tells the store's own gateway, and needs no power here. The rules are
    loaded once at boot: doorman gate --ruleset | nft -f -

    With a command it asks the gate that is running.
    """
    if context.invoked_subcommand is not None:
        return
    found = settings.load()
    if printing:
        click.echo(ruleset(found), nl=False)
        return
    found.gate_socket.parent.mkdir(parents=True, exist_ok=True)
    program = ["gear"] if found.gate.kind.is_foreign else ["gate", *_of_firewall(found)]
    allowed = [f"--allow-uid={uid}" for uid in uids(found.gate.allowed_users)]
    os.execv(  # noqa: S606 - our own command line, no shell
        sys.executable, [sys.executable, "-I", "-m", *program, *allowed]
    )


@gate.command()
def status() -> None:
    """Say which gate runs, and how many are online."""
    client = GateClient(settings.load().gate_socket)
    with _told():
        click.echo(f"{client.kind()}, {len(client.online())} online")


@gate.command("list")
def list_() -> None:
    """Print who is online, and for how long."""
    with _told():
        online = GateClient(settings.load().gate_socket).online()
    click.echo("phone     time left     bytes up   bytes down")
    for mac, each in sorted(online.items(), key=lambda row: -row[1].seconds_left):
        minutes, seconds = divmod(each.seconds_left, 60)
        left = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        click.echo(
            f"{Mac.parse(mac).masked()}  {left:>9} {each.bytes_up:>12} {each.bytes_down:>12}"
        )


@gate.command()
@click.argument("mac")
def revoke(mac: str) -> None:
    """Stop the phone with this hardware address at once."""
    try:
        phone = Mac.parse(mac)
    except InvalidMacError as error:
        raise click.ClickException(str(error)) from error
    found = settings.load()
    client = GateClient(found.gate_socket)
    database = databases.open_database(found)
    sealer = secret_file.open_sealer(found.data_dir)
    try:
        with _told():
            had_grant = revocation.revoke(
                database, sealer, client, phone, cause=EndCause.REVOKED, now=clock.now()
            )
    finally:
        database.dispose()
    click.echo("stopped" if had_grant else "stopped; it had no grant that runs")


def _of_firewall(found: settings.Settings) -> list[str]:
    return [
        f"--socket={found.gate_socket}",
        f"--kind={found.gate.kind}",
        f"--log-level={found.log_level}",
    ]


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What goes wrong, in one line."""
    try:
        yield
    except GateError as error:
        raise click.ClickException(str(error)) from error
    except sa.exc.DatabaseError as error:
        raise click.ClickException(
            "the database cannot be written: doorman migrate, then doorman doctor"
        ) from error


def ruleset(found: settings.Settings) -> str:
    if found.gate.kind.is_foreign:
        raise settings.SettingsError(
            f'gate.kind = "{found.gate.kind}": the rules are those of the other gateway'
        )
    fronted = found.front.server is FrontServer.NGINX
    try:
        rules = Ruleset(
            shopper_interface=found.gate.shopper_interface,
            uplink_interface=found.gate.uplink_interface,
            portal_port=found.front.http_port if fronted else found.portal.port,
            https_port=found.front.https_port if fronted and found.certificate.chain else None,
            management_interfaces=found.gate.management_interfaces,
            management_networks=found.gate.management_networks,
            management_ports=found.gate.management_ports,
            resolver_port=found.resolver.port,
            reachable_networks=found.gate.reachable_networks,
        )
    except RulesetError as error:
        raise settings.SettingsError(f"gate: {error}") from error
    return rules.text()


def uids(names: tuple[str, ...]) -> list[int]:
    try:
        return [pwd.getpwnam(name).pw_uid for name in names]
    except KeyError:
        there = ", ".join(sorted(user.pw_name for user in pwd.getpwall()))
        raise settings.SettingsError(
            f"gate.allowed_users: not all of these are users of this machine; it has {there}"
        ) from None
