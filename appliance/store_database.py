"""The store's database, for a command that a person types."""

import contextlib
from collections.abc import Iterator

import click
import sqlalchemy as sa

from core import database as databases
from core import settings
from core.database import Database


@contextlib.contextmanager
def opened() -> Iterator[Database]:
    """As the settings name it; what goes wrong with it, in one line."""
    database = databases.open_database(settings.load())
    try:
        yield database
    except sa.exc.DatabaseError as error:
        raise click.ClickException(
            "the database cannot be read or written: doorman migrate, then doorman doctor"
        ) from error
    finally:
        database.dispose()
