"""Runs jobs by the clock until the program is told to stop."""

import concurrent.futures
import dataclasses
import signal
import threading
import types
import zoneinfo
from collections.abc import Callable, Iterable

from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

from core import clock
from core.log import Log

_THREADS = 10
_LOOK_EVERY_S = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Turn:
    """A job with all it works on."""

    name: str
    every_s: int
    run: Callable[[], None]
    at_start: bool = False
    """Whether its first turn is at once, not only after `every_s`."""
    jitter_s: int = 0
    """By how much a turn comes earlier or later, so that many boxes do not come all at once."""


def run(
    turns: Iterable[Turn],
    zone: zoneinfo.ZoneInfo,
    log: Log,
    is_over: Callable[[], bool] | None = None,
) -> bool:
    """Returns once SIGTERM or SIGINT has come, or `is_over` says so, and what was running is done.

    Returns:
        Whether it ended by `is_over` alone.
    """
    pool = concurrent.futures.ThreadPoolExecutor(_THREADS)
    scheduler = BlockingScheduler(timezone=zone, executors={"default": BasePoolExecutor(pool)})
    is_told = threading.Event()
    for turn in turns:
        first = {"next_run_time": clock.now()} if turn.at_start else {}
        scheduler.add_job(
            _guarded,
            IntervalTrigger(seconds=turn.every_s, jitter=turn.jitter_s or None),
            args=(turn, log),
            name=turn.name,
            # A machine that slept through ten turns does the work once.
            coalesce=True,
            misfire_grace_time=None,
            max_instances=1,
            **first,
        )

    def stop(_number: int, _frame: types.FrameType | None) -> None:
        is_told.set()
        if scheduler.running:
            scheduler.shutdown(wait=False)

    def look() -> None:
        if is_over is not None and is_over():
            scheduler.shutdown(wait=False)

    if is_over is not None:
        scheduler.add_job(look, IntervalTrigger(seconds=_LOOK_EVERY_S), max_instances=1)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheduler.start()
    pool.shutdown()
    return not is_told.is_set()


def _guarded(turn: Turn, log: Log) -> None:
    """One job's failure is logged and tried again at its next turn; the others go on."""
    try:
        turn.run()
    except Exception:
        log.exception("job failed", job=turn.name)
