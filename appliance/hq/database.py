"""Headquarters' database and its keys, as its commands open them."""

import contextlib
from collections.abc import Iterator

import click
import sqlalchemy as sa

from core import database_form
from core.database import Database
from core.sealing import Sealer
from core.settings import Settings
from hq import store_keys, wsgi
from hq.models.store import StoreKey


@contextlib.contextmanager
def opened(found: Settings) -> Iterator[tuple[Database, Sealer]]:
    # Before the secrets: it makes the folder that they are in.
    database = wsgi.open_database(found)
    try:
        yield database, wsgi.open_sealer(found)
    finally:
        database.dispose()


def migrated(found: Settings) -> None:
    """Bring the database to this version's form."""
    from core import migrate  # noqa: PLC0415 - Alembic is slow to load

    database = wsgi.open_database(found)
    try:
        migrate.upgrade(database, wsgi.REVISIONS)
        with database.writing() as session:
            if session.scalar(sa.select(sa.func.count(StoreKey.id))):
                store_keys.move_in(session, wsgi.open_sealer(found))
    except database_form.MigrationError as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.dispose()
