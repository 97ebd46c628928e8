"""Brings a database to the newest form, or back. Each form it had is in a folder of revisions."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic import command, script
from alembic.config import Config

from core import database_form
from core.database import Database
from core.database_form import MigrationError

STORE = Path(__file__).parent / "migrations" / "versions"
"""The revisions of a store's database."""


def upgrade(database: Database, revisions: Path = STORE) -> tuple[str | None, str]:
    """Apply what is missing, all or nothing; safe to call at every start.

    Returns:
        The revision before and after.

    Raises:
        MigrationError: a newer version of Doorman has been here.
    """
    to = newest(revisions)

    def bring(config: Config, before: str | None) -> None:
        if before != to:
            command.upgrade(config, to)

    return _changed(database, revisions, bring), to


def downgrade(database: Database, to: str, revisions: Path = STORE) -> tuple[str | None, str]:
    """Take the database back to the form `to`, all or nothing, for an older version to work on.

    A version knows the older forms, and never newer ones: so the newer one of the two has to do
    this. What came after `to` is undone, the columns and tables that came with it included.

    Returns:
        The revision before and after.

    Raises:
        MigrationError: no such form, or one that is newer than the database.
    """

    def take_back(config: Config, before: str | None) -> None:
        scripts = script.ScriptDirectory.from_config(config)
        if to not in {each.revision for each in scripts.iterate_revisions(before, "base")}:
            raise MigrationError(f"{to} is no older form of this database, which is at {before}")
        if before != to:
            command.downgrade(config, to)

    return _changed(database, revisions, take_back), to


def newest(revisions: Path = STORE) -> str:
    """The form that this version works on."""
    return script.ScriptDirectory.from_config(_config(revisions)).get_current_head() or ""


def is_current(database: Database, revisions: Path = STORE) -> bool:
    """Whether the database has the form this version needs."""
    return database_form.revision(database) == newest(revisions)


def _changed(
    database: Database, revisions: Path, change: Callable[[Config, str | None], None]
) -> str | None:
    """Changes the form in one transaction; gives the revision before."""
    config = _config(revisions)
    scripts = script.ScriptDirectory.from_config(config)
    known = {each.revision for each in scripts.walk_revisions()}
    writing = database.engine.execution_options(doorman_write=True)
    with _unlinked(writing) as connection, connection.begin():
        before = database_form.revision_of(connection)
        if before is not None and before not in known:
            raise MigrationError(
                f"the database is at revision {before}, which this version does not know:"
                " install the newer Doorman again, or restore a backup"
            )
        config.attributes["connection"] = connection
        change(config, before)
    return before


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


def _config(revisions: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(STORE.parent))
    # One folder, whatever its name holds that could pass for a separator.
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(revisions))
    return config
