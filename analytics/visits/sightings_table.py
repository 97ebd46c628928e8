"""Reads a day file into columns. The only place in analytics that opens one for figures."""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core import sightings
from core.sightings import WindowCount

# Stands for a signal that the driver did not give. Weaker than any setting allows: we
# cannot tell that such a phone was near, so no figure counts it.
_NO_SIGNAL_DBM = -128

# Each column as one text. To parse that takes a third of the time in which the sqlite3
# module makes a tuple of numbers for each row.
_QUERY = """
    SELECT group_concat(heard_at_us), group_concat(address), group_concat(fingerprint),
        group_concat(randomised), group_concat(IFNULL(signal_dbm, ?))
    FROM sightings
"""
_SINCE = f"{_QUERY} WHERE heard_at_us >= ?"

_Ints = npt.NDArray[np.int64]


class UnreadableDayError(Exception):
    """A day file is busy or broken. The message says which and why."""


class Sightings(NamedTuple):
    """Columns, in order of time; of what was heard at the same moment, in one of its own.

    So it makes no difference in which order sightings have come in.
    """

    heard_at_us: _Ints
    address: _Ints
    fingerprint: _Ints
    randomised: npt.NDArray[np.bool_]
    signal_dbm: npt.NDArray[np.int16]

    def rows(self, which: slice | _Ints | npt.NDArray[np.bool_]) -> "Sightings":
        return Sightings(
            self.heard_at_us[which],
            self.address[which],
            self.fingerprint[which],
            self.randomised[which],
            self.signal_dbm[which],
        )


class News(NamedTuple):
    """How far a file has been read, and what has come in since."""

    row: int
    amendment: int
    since_us: int | None
    """The earliest sighting that is new, or better heard than before; None: there is none."""


class DayReader:
    """Looks into a day's file at one moment, whatever the sensor writes meanwhile."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def news(self, row: int, amendment: int) -> News:
        """What has come in since `news` gave these two numbers; 0 to begin with."""
        found = self._connection.execute(
            "SELECT (SELECT IFNULL(MAX(rowid), 0) FROM sightings),"
            " (SELECT IFNULL(MAX(rowid), 0) FROM amendments),"
            " (SELECT MIN(heard_at_us) FROM ("
            "  SELECT heard_at_us FROM sightings WHERE rowid > ?"
            "  UNION ALL SELECT heard_at_us FROM amendments WHERE rowid > ?))",
            [row, amendment],
        )
        return News(*found.fetchone())

    def sightings(self, since_us: int | None = None) -> Sightings:
        if since_us is None:
            # The whole table is read faster without its index.
            found = self._connection.execute(_QUERY, [_NO_SIGNAL_DBM])
        else:
            found = self._connection.execute(_SINCE, [_NO_SIGNAL_DBM, since_us])
        at_us, address, fingerprint, randomised, signal_dbm = (
            np.fromstring(text or "", np.int64, sep=",") for text in found.fetchone()
        )
        return _in_order(
            Sightings(
                at_us,
                address,
                fingerprint,
                randomised.astype(np.bool_),
                signal_dbm.astype(np.int16),
            )
        )

    def windows(self) -> list[WindowCount]:
        """What strict mode has counted, in order of time."""
        found = self._connection.execute(
            "SELECT start_us, near, inside FROM windows ORDER BY start_us"
        )
        return [WindowCount(*row) for row in found]

    def heard_s(self) -> dict[int, int]:
        """For how long the sensor heard, by the number of the quarter of an hour since 1970."""
        found = self._connection.execute(
            "SELECT substr(name, ?), value FROM tallies WHERE name GLOB ?",
            [len(sightings.HEARING) + 1, f"{sightings.HEARING}*"],
        )
        return {int(quarter): seconds for quarter, seconds in found}


@contextlib.contextmanager
def reading(folder: Path, day: dt.date) -> Iterator[DayReader]:
    """Open a day's file.

    Raises:
        FileNotFoundError: that day has no file.
        UnreadableDayError: it has one, but nothing can be read now.
    """
    try:
        with sightings.reading(folder, day) as connection:
            connection.execute("BEGIN")
            yield DayReader(connection)
    except sqlite3.DatabaseError as error:
        raise UnreadableDayError(f"the sightings of {day.isoformat()}: {error}") from error


def read(folder: Path, day: dt.date) -> Sightings:
    """All sightings of a day; raises as `reading`."""
    with reading(folder, day) as reader:
        return reader.sightings()


def _in_order(found: Sightings) -> Sightings:
    # They are nearly in order already; the batches of several sensors interleave.
    order: _Ints = np.argsort(found.heard_at_us, kind="stable").astype(np.int64, copy=False)
    at_us = found.heard_at_us[order]
    same = np.diff(at_us) == 0
    tied = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
    if len(tied):
        columns = [column[order[tied]] for column in reversed(found)]
        order[tied] = order[tied][np.lexsort(columns)]
    return found.rows(order)
