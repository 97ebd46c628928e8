"""Databases with every table and no row. Making some fifty tables takes longer than most tests."""

import functools
import tempfile
from pathlib import Path

import sqlalchemy as sa

from core.database import Database

_IDS_BEGIN_ANEW = (
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    " FROM pg_sequences WHERE last_value IS NOT NULL"
)


def sqlite(path: Path, metadata: sa.MetaData) -> Database:
    """A new database at `path`; to be disposed of by the caller."""
    path.write_bytes(_blank(metadata))
    return Database(f"sqlite:///{path}")


def forget(database: Database, metadata: sa.MetaData) -> None:
    """Delete every row of PostgreSQL's, so that the next test finds what the first one did."""
    # Sent as one: fifty tables, one after the other, would take longer than most tests.
    deletions = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]  # noqa: S608 - our own tables
    options = database.engine.execution_options(no_parameters=True)
    with options.begin() as connection:
        connection.exec_driver_sql("; ".join([_IDS_BEGIN_ANEW, *deletions]))


@functools.cache
def _blank(metadata: sa.MetaData) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "blank.sqlite")
        database = Database(f"sqlite:///{path}")
        metadata.create_all(database.engine)
        database.dispose()
        return path.read_bytes()
