"""The sensor's day file: pseudonymous sightings of one store-local day.

One SQLite file a day, so that forgetting a day is unlinking a file: no row of it can
survive in a free page. The sniffer writes, analytics reads, and nothing in it can be
joined to a member.
"""

import contextlib
import datetime as dt
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

_NAME = re.compile(r"sightings-(\d{4}-\d{2}-\d{2})\.sqlite")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sightings (
    heard_at_us INTEGER NOT NULL,   -- microseconds since 1970, UTC
    address     INTEGER NOT NULL,   -- pseudonym of the sender's address
    fingerprint INTEGER NOT NULL,   -- pseudonym of what the probe request looks like
    randomised  INTEGER NOT NULL,   -- 1: the address is one the phone made up
    signal_dbm  INTEGER,            -- NULL: the driver gave none
    channel     INTEGER,
    sensor      TEXT    NOT NULL
);
CREATE INDEX IF NOT EXISTS sightings_heard_at ON sightings (heard_at_us);
CREATE TABLE IF NOT EXISTS tallies (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Sighting(NamedTuple):
    """One probe request heard, with nothing in it that outlives the day's key."""

    heard_at_us: int
    address: int
    fingerprint: int
    randomised: bool
    signal_dbm: int | None
    channel: int | None
    sensor: str


def path_of(folder: Path, day: dt.date) -> Path:
    return folder / f"sightings-{day.isoformat()}.sqlite"


def days_in(folder: Path) -> list[dt.date]:
    """The days that have a file, oldest first."""
    names = (_NAME.fullmatch(path.name) for path in folder.glob("sightings-*.sqlite"))
    return sorted(dt.date.fromisoformat(name[1]) for name in names if name)


def remove(folder: Path, day: dt.date) -> None:
    """Forget a day. Does nothing if it is already gone."""
    # The file by which the day is found goes last: cut short, the next call finishes this.
    for suffix in ("-wal", "-shm", ""):
        path_of(folder, day).with_suffix(f".sqlite{suffix}").unlink(missing_ok=True)


class DayFile:
    """Writes one day's file. One batch is one transaction."""

    def __init__(self, folder: Path, day: dt.date) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.day = day
        self._connection = sqlite3.connect(path_of(folder, day), isolation_level=None)
        # NORMAL: a power cut may cost the last seconds of sightings, never the file.
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA busy_timeout=5000")
        self._connection.executescript(_SCHEMA)

    def append(self, sightings: Iterable[Sighting], tallies: Mapping[str, int]) -> None:
        """Add sightings, and add `tallies` (frames, rejections by reason) to the day's."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(
                "INSERT INTO sightings VALUES (?, ?, ?, ?, ?, ?, ?)",
                sightings,
            )
            self._connection.executemany(
                "INSERT INTO tallies VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
                tallies.items(),
            )
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def reading(folder: Path, day: dt.date) -> Iterator[sqlite3.Connection]:
    """A read-only connection to a day's file.

    Raises:
        FileNotFoundError: that day has none.
    """
    path = path_of(folder, day)
    if not path.exists():
        raise FileNotFoundError(f"no sightings of {day.isoformat()}")
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("PRAGMA query_only=ON")
        yield connection
    finally:
        connection.close()
