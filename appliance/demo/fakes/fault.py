"""Ways in which the fake CRM can be told to misbehave, a number of times."""

import enum
import sqlite3


class Fault(enum.StrEnum):
    NONE = "none"
    BUSY = "429"
    """Turned away, with `Retry-After`."""
    DOWN = "503"
    DROP_AFTER_COMMIT = "drop_after_commit"
    """All is taken, and then the connection breaks: the lost acknowledgement."""
    PARTIAL = "partial"
    """Only the first half is taken, and nothing said of the rest."""
    SLOW = "slow"
    """All is taken, two seconds late."""


def order(connection: sqlite3.Connection, fault: Fault, count: int) -> None:
    """From now on behave so, `count` times, in place of what was ordered before."""
    connection.execute("DELETE FROM fault")
    if fault is not Fault.NONE and count:
        connection.execute("INSERT INTO fault VALUES (?, ?)", (fault.value, count))


def take(connection: sqlite3.Connection) -> Fault:
    """How to behave this time."""
    row = connection.execute("SELECT mode, count FROM fault").fetchone()
    if row is None:
        return Fault.NONE
    order(connection, Fault(row["mode"]), row["count"] - 1)
    return Fault(row["mode"])
