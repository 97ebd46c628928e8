"""The sensor's day file: pseudonymous sightings of one store-local day.

One SQLite file a day, so that forgetting a day is unlinking a file: no row of it can
survive in a free page. The sniffer writes, analytics reads, and nothing in it can be
joined to a member. In strict mode (`sensor.strict`) it holds no sighting at all, but how
many devices were near in each window of four minutes.
"""

import contextlib
import datetime as dt
import re
import sqlite3
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from core import clock, write_ahead

WINDOW_S = 240
"""Length of a window of strict mode. Counted within a minute of its end, so that nothing
about a single phone is ever five minutes old. Windows start with the store-local day."""

HEARING = "hearing."
"""Begins the name of the tallies that say for how many seconds the sensor heard. The rest of
it is the number of the quarter of an hour since 1970, for hours of every zone begin on one."""
QUARTER_S = 900

# Pages until what has been written is put in its place: of a night's turns, each changes one and
# the same. 1 MiB on the disk, each day anew.
_LOG_PAGES = 256

# Whoever looks every hour has it gone within 24.
_OVERDUE = dt.timedelta(hours=23)
_QUIET = dt.timedelta(hours=1)

_NAME = re.compile(r"sightings-(\d{4}-\d{2}-\d{2})\.sqlite")
_ANY_NAME = re.compile(_NAME.pattern + r"(-wal|-shm|-journal)?")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sightings (
    heard_at_us INTEGER NOT NULL,   -- microseconds since 1970, UTC
    address     INTEGER NOT NULL,   -- pseudonym of the sender's address
    fingerprint INTEGER NOT NULL,   -- pseudonym of what the probe request looks like
    randomised  INTEGER NOT NULL,   -- 1: the address is one the phone made up
    signal_dbm  INTEGER,            -- NULL: the driver gave none
    frequency_mhz INTEGER,          -- of the channel: the bands number theirs alike
    sensor      TEXT    NOT NULL
);
CREATE INDEX IF NOT EXISTS sightings_heard_at ON sightings (heard_at_us);
-- What has come in since somebody last looked is told by the row numbers of these two.
CREATE TABLE IF NOT EXISTS amendments (heard_at_us INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS windows (
    start_us INTEGER PRIMARY KEY,   -- microseconds since 1970, UTC
    near     INTEGER NOT NULL,      -- estimated devices
    inside   INTEGER NOT NULL       -- of these, those that were in the store
);
CREATE TABLE IF NOT EXISTS tallies (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Sighting(NamedTuple):
    """One probe request heard, with nothing in it that outlives the day's key."""

    heard_at_us: int
    address: int
    fingerprint: int
    randomised: bool
    signal_dbm: int | None
    frequency_mhz: int | None
    sensor: str


class WindowCount(NamedTuple):
    """What a window of strict mode comes to."""

    start_us: int
    near: int
    inside: int


def path_of(folder: Path, day: dt.date) -> Path:
    return folder / f"sightings-{day.isoformat()}.sqlite"


def days_in(folder: Path) -> list[dt.date]:
    """The days that have a file, oldest first."""
    names = (_NAME.fullmatch(path.name) for path in folder.glob("sightings-*.sqlite"))
    return sorted(dt.date.fromisoformat(name[1]) for name in names if name)


def remove(folder: Path, day: dt.date) -> None:
    """Forget a day. Does nothing if it is already gone."""
    # The file by which the day is found goes last: cut short, the next call finishes this.
    for suffix in ("-wal", "-shm", "-journal", ""):
        path_of(folder, day).with_suffix(f".sqlite{suffix}").unlink(missing_ok=True)


def remove_overdue(folder: Path, zone: zoneinfo.ZoneInfo, now: dt.datetime) -> list[dt.date]:
    """Forget the days that ended a day ago, whether or not anybody has made figures of them.

    Also what SQLite may have left beside a file that is gone. Only a file that somebody
    wrote to within the hour stays: then an old recording is being played back.

    Returns:
        The days of which there was anything.
    """
    gone = set()
    for path in folder.glob("sightings-*"):
        name = _ANY_NAME.fullmatch(path.name)
        day = dt.date.fromisoformat(name[1]) if name else None
        if day and now - clock.day_bounds(day, zone)[1] >= _OVERDUE and _is_quiet(path, now):
            gone.add(day)
    for day in gone:
        remove(folder, day)
    return sorted(gone)


def _is_quiet(path: Path, now: dt.datetime) -> bool:
    try:
        written = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    except FileNotFoundError:
        return False
    # A clock that was wrong may have dated it in the future.
    return abs(now - written) >= _QUIET


class DayFile:
    """Writes one day's file. One batch is one transaction."""

    def __init__(self, folder: Path, day: dt.date) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.day = day
        self._connection = sqlite3.connect(path_of(folder, day), isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        # FULL: with NORMAL a power cut takes all since the last checkpoint, in a new file the
        # tables as well. There is a write a minute, so to wait for the disk costs little.
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
        self._connection.execute("PRAGMA busy_timeout=5000")
        # Nothing of it in another file.
        self._connection.execute("PRAGMA temp_store=MEMORY")
        self._connection.executescript(_SCHEMA)
        self._lengthen_log(path_of(folder, day))

    def append(
        self,
        sightings: Iterable[Sighting],
        tallies: Mapping[str, int],
        windows: Iterable[WindowCount] = (),
        amended: Sequence[Sighting] = (),
    ) -> None:
        """Add to the day, all or nothing.

        Args:
            sightings: are added.
            tallies: frames, rejections by reason; they are added to those there are.
            windows: of strict mode, in place of sightings.
            amended: sightings that were heard better by another sensor: they stand in the
                place of those of the same phone and time.
        """
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
            self._connection.executemany("INSERT OR REPLACE INTO windows VALUES (?, ?, ?)", windows)
            self._connection.executemany(
                "UPDATE sightings SET signal_dbm = ?, frequency_mhz = ?, sensor = ?"
                " WHERE heard_at_us = ? AND address = ?",
                ((each.signal_dbm, each.frequency_mhz, each.sensor, *each[:2]) for each in amended),
            )
            self._connection.executemany(
                "INSERT INTO amendments VALUES (?)", ((each.heard_at_us,) for each in amended)
            )
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def _lengthen_log(self, path: Path) -> None:
        (page_size,) = self._connection.execute("PRAGMA page_size").fetchone()
        length = write_ahead.length_of(_LOG_PAGES, page_size)
        self._connection.execute("BEGIN IMMEDIATE")
        # A full disk takes what is to be written, or not, also without.
        with contextlib.suppress(OSError):
            write_ahead.lengthen(write_ahead.path_of(path), length)
        self._connection.execute("COMMIT")


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
        connection.execute("PRAGMA temp_store=MEMORY")
        yield connection
    finally:
        connection.close()
