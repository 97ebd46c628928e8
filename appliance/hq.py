"""`doorman hq`: headquarters' relay, and the list of stores that may ask it."""

import click

from appliance import web_server
from core import clock, settings
from hq import stores, wsgi


@click.group(invoke_without_command=True)
@click.pass_context
def hq(context: click.Context) -> None:
    """Hold the chain's WeChat accounts, and serve stores that ask for logins.

    Its database is brought to this version's form first. docs/wechat.md says what is
    registered where.
    """
    found = settings.load()
    _migrate(found)
    if context.invoked_subcommand is None:
        web_server.become("hq.wsgi:create()", found.hq, found)


@hq.command("add-store")
@click.argument("store")
@click.argument("portal_urls", metavar="PORTAL_URL...", nargs=-1, required=True)
def add_store(store: str, portal_urls: tuple[str, ...]) -> None:
    """Let a store ask, and print its key; the one it had before is no longer good.

    STORE is store.id of its settings; shoppers are led back to PORTAL_URL alone (portal.url
    there). The key goes into wechat.relay_key there.
    """
    found = settings.load()
    database = wsgi.open_database(found)
    sealer = wsgi.open_sealer(found)
    try:
        with database.writing() as session:
            key = stores.add(session, sealer, store, list(portal_urls), clock.now())
    except stores.StoreError as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.dispose()
    click.echo(key)


@hq.command("stores")
def list_stores() -> None:
    """Print the stores that may ask."""
    database = wsgi.open_database(settings.load())
    try:
        with database.reading() as session:
            names = stores.names(session)
    finally:
        database.dispose()
    for name in names:
        click.echo(name)


def _migrate(found: settings.Settings) -> None:
    from core import migrate  # noqa: PLC0415 - Alembic is slow to load

    database = wsgi.open_database(found)
    try:
        migrate.upgrade(database, wsgi.REVISIONS)
    except migrate.MigrationError as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.dispose()
