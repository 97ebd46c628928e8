"""How long the box takes from nothing running to `doorman health` content, as after a boot.

The programs are started as the box's units start them: the database's form first, then all that
use it; beside it those that do not. The time is that of `doorman health --wait`, started with them.
"""

import contextlib
import os
import signal
import statistics
import sys
import time

from tests.bench import box
from tests.bench.box import Box, wait_until
from tests.bench.figure import figure
from tests.bench.processes import sample

RUNS = 3
_WITHIN_S = 10
_WITHOUT_DATABASE = ("gate", "resolver", "front", "advertise", "sensor", "flows")
_WITH_DATABASE = ("portal", "jobs", "dashboard")


def measure() -> list[dict]:
    if reason := box.missing():
        sys.stderr.write(f"start: not measured: {reason}\n")
        return []
    with box.box() as running:
        seconds, cpu_s = zip(*(_start(running) for _ in range(RUNS)), strict=True)
    return [
        figure(
            "start.ready",
            unit="s",
            value=statistics.median(seconds),
            peer="the goal",
            peer_value=_WITHIN_S,
            goal=f"less than {_WITHIN_S}",
            met=statistics.median(seconds) < _WITHIN_S,
        ),
        figure(
            "start.cpu",
            unit="s",
            value=statistics.median(cpu_s),
            peer="-",
            peer_value=0.0,
            goal="-",
            met=None,
        ),
    ]


def _start(running: Box) -> tuple[float, float]:
    """Seconds, and those of CPU that the programs took until then."""
    _stop(running)
    begin = time.monotonic()
    for program in _WITHOUT_DATABASE:
        running.start(program)
    health = running.start("health", "--wait", "60")
    running.start("migrate").wait()
    for program in _WITH_DATABASE:
        running.start(program)
    if health.wait():
        raise RuntimeError(f"not ready: {(running.folder / 'health.log').read_text()}")
    seconds = time.monotonic() - begin
    return seconds, sum(each.cpu_s for each in sample(running.pids()).values())


def _stop(running: Box) -> None:
    """Every program, and what they say of themselves: a boot empties its folder."""
    for pid in (pid for pids in running.pids().values() for pid in pids):
        # A worker may be gone already, by its master's word.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    wait_until("the end of all", lambda: not any(running.pids().values()))
    for sign in (running.folder / "run/alive").iterdir():
        sign.unlink()
    (running.folder / "dhcp-options").unlink(missing_ok=True)
