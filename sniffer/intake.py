"""Takes from several sources at once, in one thread: whichever has something is read."""

import collections
import contextlib
import select
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from core.sensor_status import Hearing, State
from core.sightings import HEARING, QUARTER_S
from sniffer.source import Item, Source, Tick

_TICK_EVERY_S = 0.5
_AWAKE_S = 10.0


class Intake:
    """All that the sources hear, as it comes; a tick at least twice a second.

        with Intake([listener, other]) as items:
            sensor.run(items, stop)

    It closes the sources in the end.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        self._sources = tuple(sources)
        self._monotonic = monotonic
        self._now_us = now_us
        self._looked_at: float | None = None
        self._heard_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        with contextlib.ExitStack() as stack:
            for source in self._sources:
                stack.callback(source.close)

    def __iter__(self) -> Iterator[Item]:
        tick_at = self._monotonic()
        while True:
            if (now := self._monotonic()) >= tick_at:
                tick_at = now + _TICK_EVERY_S
                yield self._tick()
                # Looking after the sources may have opened or closed what we wait on.
                waiting = {source.fileno(): source for source in self._sources}
                waiting.pop(-1, None)
                poll = _poll(waiting)
            for handle, _ in poll.poll(max(tick_at - self._monotonic(), 0) * 1000):
                source = waiting[handle]
                yield from source.read()
                if source.fileno() != handle:
                    # It is gone. Another file may take its number.
                    poll.unregister(handle)
                    del waiting[handle]

    def hearing(self) -> Mapping[str, Hearing]:
        """How each of the sources is doing, by name."""
        return {name: how for source in self._sources for name, how in source.hearing().items()}

    def _tick(self) -> Tick:
        tallies: collections.Counter[str] = collections.Counter()
        for source in self._sources:
            tallies.update(source.look_after())
        now_us = self._now_us()
        tallies[f"{HEARING}{now_us // (QUARTER_S * 1_000_000)}"] += self._heard()
        return Tick(+tallies, now_us)

    def _heard(self) -> int:
        """Whole seconds since the last time that at least one source has heard."""
        now, before = self._monotonic(), self._looked_at
        self._looked_at = now
        # After a longer pause we were asleep, or nobody had asked for what is heard.
        if before is not None and now - before <= _AWAKE_S:
            is_heard = any(each.state is State.HEARING for each in self.hearing().values())
            self._heard_s += (now - before) * is_heard
        whole_s = int(self._heard_s)
        self._heard_s -= whole_s
        return whole_s


def _poll(handles: Iterable[int]) -> select.poll:
    poll = select.poll()
    for handle in handles:
        poll.register(handle, select.POLLIN)
    return poll
