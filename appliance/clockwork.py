"""Runs jobs by the clock until the program is told to stop."""

import dataclasses
import logging
import signal
import time
import types
import zoneinfo
from collections.abc import Callable, Iterable
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from appliance.job_watch import BEAT_EVERY_S, JobWatch
from core import clock, request_id, spare_memory
from core.log import Log, begin, end
from core.metrics import counted
from core.sign_of_life import SignOfLife
from gate.systemd import ServiceManager

_LOOK_EVERY_S = 2
_TRIM_EVERY_S = 60
_WATCH = "watch"


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
    *,
    run_dir: Path | None = None,
    watch: JobWatch | None = None,
) -> bool:
    """Returns once SIGTERM or SIGINT has come, or `is_over` says so, and what was running is done.

    Systemd hears that the program lives as long as no job hangs (`appliance.job_watch`); so
    does `doorman health`, if the program has a `run_dir`.

    Returns:
        Whether it ended by `is_over` alone.
    """
    life = _Life(watch or JobWatch(), run_dir, log)
    scheduler = _scheduler(turns, zone, log, life.watch)
    _on_signals(signal.default_int_handler)
    spare_memory.give_back()
    spare_memory.take_turns()
    spare_memory.set_large_apart()
    try:
        scheduler.start()
        life.manager.ready()
        while not is_over():
            life.look()
            time.sleep(_LOOK_EVERY_S)
        is_told = False
    except KeyboardInterrupt:
        is_told = True
    # Once is enough; and what this process may become begins like any other.
    _on_signals(signal.SIG_IGN)
    if is_told:
        life.manager.stopping()
    if scheduler.running:
        _finish(scheduler, life)
    life.end()
    _on_signals(signal.SIG_DFL)
    return not is_told


class _Life:
    """What the world is told of whether the program lives."""

    def __init__(self, watch: JobWatch, run_dir: Path | None, log: Log) -> None:
        self.watch, self.manager = watch, ServiceManager()
        self._sign = SignOfLife(run_dir, "jobs") if run_dir else None
        self._log, self._told = log, ""

    def look(self) -> None:
        trouble = self.watch.trouble()
        if trouble and trouble != self._told:
            self._log.error("jobs hang", reason=trouble)
        self._told = trouble
        if not trouble:
            self.manager.live()
        if self._sign:
            self._sign.give(trouble)

    def end(self) -> None:
        if self._sign:
            self._sign.end()


def _scheduler(
    turns: Iterable[Turn], zone: zoneinfo.ZoneInfo, log: Log, watch: JobWatch
) -> BackgroundScheduler:
    # Not in the main thread: a signal that found it inside the scheduler could not stop it, for
    # want of a lock that it holds itself.
    scheduler = BackgroundScheduler(timezone=zone)
    # That a turn is left out while the one before still runs is meant so.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    for turn in turns:
        counted.JOB_PERIOD.put(turn.name, value=turn.every_s)
        for outcome in ("done", "failed"):
            counted.JOB_RUNS.begin(turn.name, outcome)
        first = {"next_run_time": clock.now()} if turn.at_start else {}
        scheduler.add_job(
            _guarded,
            IntervalTrigger(seconds=turn.every_s, jitter=turn.jitter_s or None),
            args=(turn, log, watch),
            name=turn.name,
            # A machine that slept through ten turns does the work once.
            coalesce=True,
            misfire_grace_time=None,
            max_instances=1,
            **first,
        )
    # A thread of its own: however many jobs wait for theirs, this one shows that the clock goes.
    scheduler.add_executor(ThreadPoolExecutor(1), _WATCH)
    scheduler.add_job(watch.beat, IntervalTrigger(seconds=BEAT_EVERY_S), executor=_WATCH)
    # Figures of a day take more by the hour, and free it again.
    trim = IntervalTrigger(seconds=_TRIM_EVERY_S)
    scheduler.add_job(spare_memory.trim, trim, executor=_WATCH)
    return scheduler


def _finish(scheduler: BackgroundScheduler, life: _Life) -> None:
    """Begin nothing new, and wait for what runs; alive meanwhile, as far as it moves."""
    scheduler.pause()
    while not life.watch.is_idle:
        life.watch.beat()
        life.look()
        time.sleep(_LOOK_EVERY_S / 10)
    scheduler.shutdown()


def _on_signals(handler: Callable[[int, types.FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)


def _guarded(turn: Turn, log: Log, watch: JobWatch) -> None:
    """One job's failure is logged and tried again at its next turn; the others go on."""
    begun = time.perf_counter()
    with watch.over(turn.name):
        begin("run", request_id.new())
        try:
            turn.run()
        except Exception:
            log.exception("job failed", job=turn.name)
            outcome = "failed"
        else:
            outcome = "done"
            counted.JOB_SUCCESS.put(turn.name, value=clock.now().timestamp())
        finally:
            end()
    counted.JOB_RUNS.add(turn.name, outcome)
    counted.JOB_SECONDS.add(turn.name, amount=time.perf_counter() - begun)
