"""Opens the appliance's database: SQLite by default, PostgreSQL by URL."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from core import audit_chain, write_ahead
from core.settings import Settings

# For whoever asks whether a server is there: it takes a connection, and what is sent on it.
_SOON = {"connect_timeout": 2, "tcp_user_timeout": 2000}

# A writer waits this long for another's transaction before it gives up.
_BUSY_TIMEOUT_MS = 5000

# Pages until what has been written is put in its place: a page that changes often is put
# there once. 8 MiB on the disk.
_LOG_PAGES = 8000

# What a connection remembers of the database, in KiB. The kernel remembers it as well; and what
# one program writes, the connections of all others have to forget.
_CACHE_KIB = 512

# Connections to SQLite of one program, at once; and those that stay open.
_MOST_OPEN, _KEPT = 15, 5

# Execution options: that a transaction writes, and that its commit need not wait for the disk.
_WRITES, _IS_PUT_OFF = "doorman_write", "doorman_put_off"
_PUT_OFF = sa.text("SET LOCAL synchronous_commit TO off")


class UnfitValueError(sa.exc.SQLAlchemyError):
    """No column takes such a value: a number too large, a text with NUL or half a character.

    What somebody typed may be such a one; each database says so in its own way.
    """


class Database:
    """Sessions on one engine.

    `writing()` takes SQLite's write lock at once (BEGIN IMMEDIATE): a transaction
    that reads first and writes later would fail as soon as another program wrote
    in between, whatever the time-out. `reading()` takes none.

    `writing(durable=False)` does not wait for the disk: a power cut may take it, but never
    one that a later `writing()` was built on, for that puts on the disk what came before it,
    too. For what nobody was promised: each wait costs flash memory more than what is written.

    Threads of one process wait for each other before they ask SQLite: it lets nobody
    queue, so among many that ask again and again some would find the lock taken each
    time until they give up. `writing()` must not be entered twice by one thread.
    """

    def __init__(self, url: str, *, soon: bool = False, kept: int = _KEPT) -> None:
        """Open it at the first session.

        Args:
            url: as SQLAlchemy has it.
            soon: a server that takes no connection within two seconds is an error.
            kept: how many connections to SQLite stay open when nobody needs them; each has
                pages and statements of its own, up to a megabyte.
        """
        self.engine = _engine(url, soon=soon, kept=kept)
        sa.event.listen(self.engine, "handle_error", _name_unfit)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        sa.event.listen(self._sessions, "before_flush", audit_chain.write)
        self._turn: contextlib.AbstractContextManager[object] = (
            threading.Lock() if self.engine.name == "sqlite" else contextlib.nullcontext()
        )

    @contextlib.contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Session]:
        """One transaction: commits at the end, rolls back on an error."""
        with self._turn, self._sessions() as session, session.begin():
            session.connection(execution_options={_WRITES: True, _IS_PUT_OFF: not durable})
            if not durable and self.engine.name == "postgresql":
                session.execute(_PUT_OFF)
            yield session

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        with self._sessions() as session:
            yield session

    def lengthen_log(self) -> None:
        """Give SQLite's write-ahead log its length, for a program that stays.

        It is gone with the last program that has the database open. OSError: it is as long
        as there was room.
        """
        if self.engine.name != "sqlite":
            return
        log = write_ahead.path_of(Path(str(self.engine.url.database)))
        is_short = True
        while is_short:
            with self.writing(durable=False) as session:
                page_size = session.execute(sa.text("PRAGMA page_size")).scalar_one()
                length = write_ahead.length_of(_LOG_PAGES, page_size)
                is_short = write_ahead.lengthen(log, length)

    def dispose(self) -> None:
        self.engine.dispose()


def open_database(settings: Settings, *, kept: int = _KEPT) -> Database:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Database(settings.database_url, kept=kept)


def is_there(url: str) -> bool:
    """Whether there is a database to open: SQLite would make one. A server's is believed in."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return True
    return bool(parsed.database) and Path(str(parsed.database)).exists()


def _engine(url: str, *, soon: bool, kept: int) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        # hide_parameters: a failing statement must not print the row it was about.
        return sa.create_engine(
            parsed,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=_SOON if soon else {},
        )
    pool: dict[str, Any] = {}
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        # The one that was used last: mostly one or two are enough.
        pool = {"pool_use_lifo": True, "pool_size": kept, "max_overflow": _MOST_OPEN - kept}
    engine = sa.create_engine(parsed, hide_parameters=True, **pool)
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)
    return engine


def _name_unfit(context: sa.engine.ExceptionContext) -> UnfitValueError | None:
    """SQLite's driver raises Python's own errors, PostgreSQL's its DataError."""
    is_unfit = isinstance(context.original_exception, (OverflowError, UnicodeEncodeError))
    if is_unfit or isinstance(context.sqlalchemy_exception, sa.exc.DataError):
        return UnfitValueError("a value that the database cannot hold")
    return None


def _on_connect(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
    # The driver must not begin transactions by itself: `_on_begin` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    # Of a database that is made just now. Most that changes is a few rows here and there: with
    # pages of the usual 4 KiB a login would write twice as much (docs/operations/budget.md).
    cursor.execute("PRAGMA page_size=1024")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
    cursor.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    # What a shopper or the CRM was told is on disk survives a power cut; see `_on_begin`.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # A deleted phone number is overwritten, not just unlinked from its page.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _on_begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    writes = options.get(_WRITES, False)
    if writes:
        # Each time: a connection is used for both kinds, and inside it is too late.
        level = "NORMAL" if options.get(_IS_PUT_OFF, False) else "FULL"
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
