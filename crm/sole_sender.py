"""Lets one process at a time send what waits in one database.

Two senders would do no lasting harm, since the CRM knows events by their id, but they could
overtake each other within one member's news.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from core.database import Database

_LOCK_NAME = "crm.lock"
# Any number will do that nothing else in the database takes a lock by.
_LOCK_NUMBER = 0x646F_6F72_6372_6D


@contextlib.contextmanager
def turn(database: Database, data_dir: Path) -> Iterator[bool]:
    """Whether it is ours to send now. The turn ends with its process, however that ends.

    Processes that share a PostgreSQL may run on several machines, so there the lock is the
    server's, on a connection of its own. Those that share a SQLite file share `data_dir`.
    """
    if database.engine.name == "sqlite":
        with _file(data_dir / _LOCK_NAME) as ours:
            yield ours
    else:
        with _advisory(database.engine) as ours:
            yield ours


@contextlib.contextmanager
def _file(path: Path) -> Iterator[bool]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        ours = False
    else:
        ours = True
    try:
        yield ours
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _advisory(engine: sa.Engine) -> Iterator[bool]:
    # Autocommit: a transaction that stays open for minutes would keep the server from tidying.
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        take = sa.select(sa.func.pg_try_advisory_lock(_LOCK_NUMBER))
        ours = bool(connection.scalar(take))
        try:
            yield ours
        finally:
            if ours:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK_NUMBER)))
