"""Runs jobs by the clock until the program is told to stop."""

import dataclasses
import gc
import logging
import signal
import time
import types
import zoneinfo
from collections.abc import Callable, Iterable

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from core import clock
from core.log import Log

_LOOK_EVERY_S = 2


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
    is_over: Callable[[], bool] = lambda: False,
) -> bool:
    """Returns once SIGTERM or SIGINT has come, or `is_over` says so, and what was running is done.

    Returns:
        Whether it ended by `is_over` alone.
    """
    # Not in this thread: a signal that found it inside the scheduler could not stop it, for want
    # of a lock that it holds itself.
    scheduler = BackgroundScheduler(timezone=zone)
    # That a turn is left out while the one before still runs is meant so.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
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
    _on_signals(signal.default_int_handler)
    # What is loaded stays: the collector need not go through it after every batch of events.
    gc.freeze()
    try:
        scheduler.start()
        while not is_over():
            time.sleep(_LOOK_EVERY_S)
        is_told = False
    except KeyboardInterrupt:
        is_told = True
    # Once is enough; and what this process may become begins like any other.
    _on_signals(signal.SIG_IGN)
    if scheduler.running:
        scheduler.shutdown()
    _on_signals(signal.SIG_DFL)
    return not is_told


def _on_signals(handler: Callable[[int, types.FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)


def _guarded(turn: Turn, log: Log) -> None:
    """One job's failure is logged and tried again at its next turn; the others go on."""
    try:
        turn.run()
    except Exception:
        log.exception("job failed", job=turn.name)
