"""Sub-commands that start one of the appliance's programs."""

import pwd
import signal
import threading

import click

from appliance import web_server
from core import database as databases
from core import log, settings


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
def gate() -> None:
    """Let phones through the firewall, on the portal's word. Needs CAP_NET_ADMIN.

    With `gate.kind = "recording"` it only remembers who would be online.
    """
    found = settings.load()
    log.configure(found.log_level)
    from gate import server  # noqa: PLC0415 - only here is the side with power loaded

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    found.gate_socket.parent.mkdir(parents=True, exist_ok=True)
    server.serve(found.gate_socket, _gate(found.gate.kind), _users(found.gate.allowed_users), stop)


def _gate(kind: settings.GateKind):  # type: ignore[no-untyped-def]
    raise NotImplementedError


def _users(names: tuple[str, ...]) -> set[int]:
    try:
        return {pwd.getpwnam(name).pw_uid for name in names}
    except KeyError as error:
        raise settings.SettingsError(
            f"gate.allowed_users: this machine has no user {error.args[0]}"
        ) from None
