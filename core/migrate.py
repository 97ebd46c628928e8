"""Brings a database to the newest form. Every form it ever had is in a folder of revisions."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic import command, migration, script
from alembic.config import Config

from core.database import Database

STORE = Path(__file__).parent / "migrations" / "versions"
"""The revisions of a store's database."""


class MigrationError(Exception):
    """The database has a form this version does not know."""


def upgrade(database: Database, revisions: Path = STORE) -> tuple[str | None, str]:
    """Apply what is missing, all or nothing; safe to call at every start.

    Returns:
        The revision before and after.

    Raises:
        MigrationError: a newer version of Doorman has been here.
    """
    config = _config(revisions)
    scripts = script.ScriptDirectory.from_config(config)
    newest = scripts.get_current_head() or ""
    known = {each.revision for each in scripts.walk_revisions()}
    writing = database.engine.execution_options(doorman_write=True)
    with _unlinked(writing) as connection, connection.begin():
        before = _revision(connection)
        if before is not None and before not in known:
            raise MigrationError(
                f"the database is at revision {before}, which this version does not know:"
                " install the newer Doorman again, or restore a backup"
            )
        if before != newest:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return before, newest


def is_current(database: Database, revisions: Path = STORE) -> bool:
    """Whether the database has the form this version needs."""
    newest = script.ScriptDirectory.from_config(_config(revisions)).get_current_head()
    with database.engine.connect() as connection:
        return _revision(connection) == newest


@contextlib.contextmanager
def _unlinked(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection on which SQLite follows no foreign keys.

    Alembic alters a table by building it anew and dropping the old one. SQLite would take
    that for the deletion of all its rows, and delete whatever belongs to them.
    """
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        # Nothing happens within a transaction, and SQLAlchemy would begin one.
        if engine.name == "sqlite" and driver is not None:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            if engine.name == "sqlite" and driver is not None:
                driver.execute("PRAGMA foreign_keys=ON")


def _revision(connection: sa.Connection) -> str | None:
    return migration.MigrationContext.configure(connection).get_current_revision()


def _config(revisions: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(STORE.parent))
    # One folder, whatever its name holds that could pass for a separator.
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(revisions))
    return config
