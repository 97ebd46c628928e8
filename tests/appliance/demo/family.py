"""The processes that a demo has started, and whether they are still there."""

import socket
import time
from pathlib import Path


def wait_until(true, within_s=120):
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.1)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def children_of(pid):
    """Processes below `pid`, by the kernel's own list."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children_of(int(child))]
    return found


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True
