"""Sub-commands that start one of the appliance's programs."""

import os
import pwd
import sys

import click

from appliance import web_server
from core import database as databases
from core import settings
from gate.ruleset import Ruleset, RulesetError


@click.command()
def portal() -> None:
    """Serve the shoppers' pages."""
    found = settings.load()
    web_server.become("portal.wsgi:create()", found.portal, found)


@click.command()
def dashboard() -> None:
    """Serve the store manager's pages."""
    found = settings.load()
    web_server.become("analytics.dashboard.wsgi:create()", found.dashboard, found)


@click.command()
def migrate() -> None:
    """Bring the database to this version's form. Safe to call at every start."""
    from core import migrate as migrations  # noqa: PLC0415 - Alembic is slow to load

    database = databases.open_database(settings.load())
    try:
        before, after = migrations.upgrade(database)
    except migrations.MigrationError as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.dispose()
    click.echo(f"already at {after}" if before == after else f"{before or 'empty'} -> {after}")


@click.command()
@click.option(
    "--ruleset", is_flag=True, help="Print the firewall rules the gate works on, and end."
)
def gate(*, ruleset: bool) -> None:
    """Let phones through the firewall, on the portal's word. Needs CAP_NET_ADMIN.

    With gate.kind = "recording" it only remembers who would be online. The rules are
    loaded once at boot: doorman gate --ruleset | nft -f -
    """
    found = settings.load()
    if ruleset:
        click.echo(_ruleset(found), nl=False)
        return
    found.gate_socket.parent.mkdir(parents=True, exist_ok=True)
    allowed = [f"--allow-uid={uid}" for uid in _uids(found.gate.allowed_users)]
    os.execv(  # noqa: S606 - our own command line, no shell
        sys.executable,
        [
            sys.executable,
            "-I",
            "-m",
            "gate",
            f"--socket={found.gate_socket}",
            f"--kind={found.gate.kind}",
            f"--log-level={found.log_level}",
            *allowed,
        ],
    )


def _ruleset(found: settings.Settings) -> str:
    try:
        rules = Ruleset(
            shopper_interface=found.gate.shopper_interface,
            uplink_interface=found.gate.uplink_interface,
            portal_port=found.portal.port,
            management_interfaces=found.gate.management_interfaces,
        )
    except RulesetError as error:
        raise settings.SettingsError(f"gate: {error}") from error
    return rules.text()


def _uids(names: tuple[str, ...]) -> list[int]:
    try:
        return [pwd.getpwnam(name).pw_uid for name in names]
    except KeyError:
        there = ", ".join(sorted(user.pw_name for user in pwd.getpwall()))
        raise settings.SettingsError(
            f"gate.allowed_users: not all of these are users of this machine; it has {there}"
        ) from None
