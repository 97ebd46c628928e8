"""Gives SQLite's write-ahead log its length before it is needed.

A commit that makes the log longer makes the file system note each time where the file goes on
and how long it is: on ext4 seven blocks, for a page or two of ours. Inside a log that is long
enough already, a commit writes its pages and no more (docs/operations/budget.md).
"""

import os
from pathlib import Path

# <sqlite3.c>: before all frames, and before the page in each of them.
_HEADER, _FRAME_HEADER = 32, 24

# So much at once, that a login beside it waits no longer than for another login.
_STEP = 1 << 20


def path_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def length_of(pages: int, page_size: int) -> int:
    """Of a log of so many pages, in bytes."""
    return _HEADER + pages * (_FRAME_HEADER + page_size)


def lengthen(log: Path, length: int) -> bool:
    """Make a log longer by a step, if it is shorter than `length`.

    Only for whoever has the database's write lock: SQLite writes at the place that it knows,
    and takes zeros after it for no frame. OSError: there is no room, or no log.

    Returns:
        Whether it is still too short.
    """
    size = log.stat().st_size
    step = min(length - size, _STEP)
    if step <= 0:
        return False
    # Not made here: its owner and rights are those that SQLite gives it.
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        # Zeros, not a hole: where a hole is filled, the file system notes it as well.
        written = os.write(descriptor, bytes(step))
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    return size + written < length
