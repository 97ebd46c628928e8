"""The form a database has, and a copy of it, without Alembic: that takes 8 MiB of memory.

What changes the form is `core.migrate`.
"""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core import whole_file
from core.database import Database

# Alembic's own.
_VERSION = sa.table("alembic_version", sa.column("version_num"))


class MigrationError(Exception):
    """The database has, or is to have, a form this version does not know."""


def revision(database: Database) -> str | None:
    """The form that the database has; None if it is empty."""
    with database.engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(sa.select(_VERSION.c.version_num))


def copy(database: Database, path: Path) -> None:
    """Put a copy on the disk, whoever writes meanwhile. SQLite alone: a server has backups."""
    draft = path.with_name(f"{path.name}.new")
    # There may be room for one. That of an earlier change is of no use any more.
    for former in (draft, path):
        former.unlink(missing_ok=True)
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with (
            contextlib.closing(sqlite3.connect(draft)) as target,
            database.engine.connect() as connection,
        ):
            source: Any = connection.connection.driver_connection
            source.backup(target)
        whole_file.to_disk(draft)
        whole_file.move(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
