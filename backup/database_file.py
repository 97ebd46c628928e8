"""The database as one file, and that file as the database again: SQLite or PostgreSQL."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from backup import program
from core import database_form
from core.database import Database

SQLITE, POSTGRESQL = "database.sqlite", "database.dump"
_OTHERS = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)

# Whoever has just closed it may still be tidying up.
_WAIT_S = 0.5


class InUseError(Exception):
    """Programs have the database open, so that it cannot be replaced."""


def name_of(database: Database) -> str:
    return SQLITE if database.engine.name == "sqlite" else POSTGRESQL


def copy(database: Database, folder: Path) -> Path:
    """All of it as of one moment, whoever writes meanwhile."""
    path = folder / name_of(database)
    if database.engine.name == "sqlite":
        database_form.copy(database, path)
        return path
    # Not compressed: the whole backup is.
    dump = ["pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges"]
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    url, environment = _connection(database)
    program.run([*dump, f"--file={path}", f"--dbname={url}"], environment=environment)
    return path


def load(database: Database, path: Path) -> None:
    """PostgreSQL alone: put the dump in place of what is there, all or nothing. ProgramError."""
    take = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges"]
    url, environment = _connection(database)
    database.dispose()
    command = [*take, "--single-transaction", "--exit-on-error", f"--dbname={url}", str(path)]
    program.run(command, environment=environment)


def is_empty(database: Database) -> bool:
    return not sa.inspect(database.engine).get_table_names()


@contextlib.contextmanager
def alone(database: Database) -> Iterator[None]:
    """Nobody else has the database open when this begins; InUseError."""
    if database.engine.name == "sqlite":
        path = str(database.engine.url.database)
        with contextlib.closing(sqlite3.connect(path, timeout=_WAIT_S)) as connection:
            connection.isolation_level = None
            try:
                # Whoever has it open in WAL mode holds a lock that this one does not get beside.
                connection.execute("PRAGMA locking_mode=EXCLUSIVE")
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute("ROLLBACK")
            except sqlite3.OperationalError as error:
                raise InUseError from error
            yield
        return
    with database.engine.connect() as connection:
        others = connection.scalar(_OTHERS)
    if others:
        raise InUseError
    yield


def _connection(database: Database) -> tuple[str, dict[str, str]]:
    """The address without the password, which anybody could read in the list of processes."""
    url = database.engine.url
    environment = {**os.environ, "LC_ALL": "C"}
    if url.password:
        environment["PGPASSWORD"] = url.password
    plain = url.set(drivername="postgresql", password=None)
    return plain.render_as_string(hide_password=False), environment
