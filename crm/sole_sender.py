"""Lets one process at a time send."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def turn(path: Path) -> Iterator[bool]:
    """Whether it is ours to send now, by a lock on the file `path`.

    Two senders would do no lasting harm, since the CRM knows events by their id, but
    they could overtake each other within one member's news. The lock is the kernel's:
    it ends with its process, however that ends.
    """
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
