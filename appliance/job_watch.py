"""Sees whether jobs still move: one that hangs is told from one that has much to do.

A job that works uses the processor now and then, since each of its waits (for a database, a
carrier, a CRM) has an end that is far below `STILL_S`. So who has used none of it for so long
waits for something that does not come. And nothing honest takes longer than `LONGEST_S`.
"""

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator

STILL_S = 600.0
LONGEST_S = 6 * 3600.0
# The clock of the jobs gives its own sign every few seconds.
BEAT_EVERY_S = 5
_BEATEN_WITHIN_S = 60.0


@dataclasses.dataclass(slots=True)
class _Running:
    began_at: float
    worked_s: Callable[[], float]
    seen_s: float = -1.0
    moved_at: float = 0.0


class JobWatch:
    """Told by the threads of jobs; asked by the one that speaks to systemd."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._beaten_at = monotonic()
        self._running: dict[str, _Running] = {}
        self._lock = threading.Lock()

    def beat(self) -> None:
        """To be called by the clock that the jobs run by."""
        self._beaten_at = self._monotonic()

    @contextlib.contextmanager
    def over(self, job: str) -> Iterator[None]:
        """Around one turn of a job, in the thread that does it."""
        processor = time.pthread_getcpuclockid(threading.get_ident())
        now = self._monotonic()
        with self._lock:
            self._running[job] = _Running(now, lambda: time.clock_gettime(processor), moved_at=now)
        try:
            yield
        finally:
            with self._lock:
                del self._running[job]

    @property
    def is_idle(self) -> bool:
        return not self._running

    def trouble(self) -> str:
        """What stands still; "" as long as all goes its way. To be asked every few seconds."""
        now = self._monotonic()
        if now - self._beaten_at > _BEATEN_WITHIN_S:
            return "the clock of the jobs stands still"
        with self._lock:
            for job, running in self._running.items():
                if now - running.began_at > LONGEST_S:
                    return f"a job runs without end: {job}"
                worked_s = running.worked_s()
                if worked_s != running.seen_s:
                    running.seen_s, running.moved_at = worked_s, now
                elif now - running.moved_at > STILL_S:
                    return f"a job stands still: {job}"
        return ""
