"""`doorman migrate`: brings the database to this version's form, or back to an older one's."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click
import sqlalchemy.exc

from core import database as databases
from core import database_form, settings
from core import migrate as migrations
from core.database import Database
from core.settings import Settings

_COPY = "before-migration.sqlite"


@click.command()
@click.option("--to", "revision", help="Back to this form, for an older version to work on.")
@click.option("--copy", "copying", is_flag=True, help="Copy an SQLite database before it changes.")
@click.option("--forget-copy", is_flag=True, help="Remove that copy, and end.")
@click.option("--newest", is_flag=True, help="Print the form this version works on, and end.")
def migrate(*, revision: str | None, copying: bool, forget_copy: bool, newest: bool) -> None:
    """Bring the database to this version's form. Safe to call at every start.

    The copy lies in data_dir (before-migration.sqlite) and holds what the database held: remove
    it once the new version has proven itself.
    """
    if newest:
        click.echo(migrations.newest())
        return
    found = settings.load()
    if forget_copy:
        copy_of(found).unlink(missing_ok=True)
        return
    with _opened(found) as database:
        to = revision or migrations.newest()
        if copying and database_form.revision(database) not in (None, to):
            _copy(database, copy_of(found))
        before, after = (
            migrations.downgrade(database, to) if revision else migrations.upgrade(database)
        )
    click.echo(f"already at {after}" if before == after else f"{before or 'empty'} -> {after}")


@contextlib.contextmanager
def _opened(found: Settings) -> Iterator[Database]:
    database = databases.open_database(found)
    try:
        yield database
    except database_form.MigrationError as error:
        raise click.ClickException(str(error)) from error
    except sqlalchemy.exc.OperationalError as error:
        raise click.ClickException(
            f"the database cannot be used ({error.orig}): nothing has been changed"
        ) from error
    finally:
        database.dispose()


def copy_of(found: Settings) -> Path:
    """Where the database of before an upgrade is, until that has proven itself."""
    return found.data_dir / _COPY


def _copy(database: Database, path: Path) -> None:
    if database.engine.name != "sqlite":
        click.echo("no copy is made of a server's database: it has backups of its own")
        return
    try:
        database_form.copy(database, path)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise click.ClickException(
            f"{path} cannot be written ({reason}): nothing has been changed"
        ) from error
