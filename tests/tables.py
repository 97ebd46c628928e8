"""Databases with every table and no row. Making some fifty tables takes longer than most tests."""

import functools
import tempfile
from pathlib import Path

import sqlalchemy as sa

from core.database import Database

_IDS_BEGIN_ANEW = sa.text(
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    " FROM pg_sequences WHERE last_value IS NOT NULL"
)


def sqlite(path: Path, metadata: sa.MetaData) -> Database:
    """A new database at `path`; to be disposed of by the caller."""
    path.write_bytes(_blank(metadata))
    return Database(f"sqlite:///{path}")


def forget(database: Database, metadata: sa.MetaData) -> None:
    """Delete every row of PostgreSQL's, so that the next test finds what the first one did."""
    with database.writing() as session:
        session.execute(_IDS_BEGIN_ANEW)
        for table in reversed(metadata.sorted_tables):
            session.execute(table.delete())


@functools.cache
def _blank(metadata: sa.MetaData) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "blank.sqlite")
        database = Database(f"sqlite:///{path}")
        metadata.create_all(database.engine)
        database.dispose()
        return path.read_bytes()
