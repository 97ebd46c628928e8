"""Takes flows from the kernel to the disk: the loop of `doorman flows`.

Reading never waits for the disk: blocks are sealed and written by a second thread, one at a time.
What cannot be written waits in memory, as far as there is room, and is counted beyond that.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from access_log.flows import conntrack
from access_log.flows.conntrack import Octets
from access_log.flows.journal import Journal
from access_log.flows.phones import Networks, Phones
from access_log.flows.records import Event, Rows
from access_log.flows.rtnetlink import IpNetwork, Neighbour
from core.log import Log
from core.netlink import BadMessageError

# Of one block: large ones take less room, and are written before they are this old.
_BLOCK_ROWS = 50_000
# What may wait for the disk: 40 MB of memory.
_MOST_WAITING = 400_000
_COLLECT_S = 0.5
_NETWORKS_EVERY_S, _NEIGHBOURS_EVERY_S = 60.0, 30.0
# A phone that has just come is asked for sooner, but not each time.
_ASK_AGAIN_S = 1.0
_LOOK_AGAIN_S = 5.0
_FORGET_EVERY_S = 86_400.0

_log = Log("flows")


class Source(Protocol):
    """Where connections are heard of: `access_log.flows.kernel.Listener`."""

    def collect(self, seconds: float) -> tuple[Octets, NDArray[np.intp]]: ...
    def running(self) -> Iterator[tuple[Octets, NDArray[np.intp]]]: ...
    def lost(self) -> int: ...


class Network(Protocol):
    """Who is there. OSError or BadMessageError if that cannot be told."""

    def neighbours(self) -> list[Neighbour]: ...
    def networks(self) -> list[IpNetwork]: ...


class _Writing(NamedTuple):
    """A block on its way to the disk."""

    doing: Future[None]
    rows: Rows
    lost: int


class Recorder:
    def __init__(
        self,
        source: Source,
        network: Network,
        journal: Journal,
        *,
        block_s: float,
        now: Callable[[], dt.datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._source, self._network, self._journal = source, network, journal
        self._block_s, self._now, self._monotonic = block_s, now, monotonic
        self._phones = Phones()
        self._networks = Networks(())
        self._waiting: list[Rows] = []
        self._count, self._lost = 0, 0
        self._since = monotonic()
        self._has_begun = False
        self._networks_at = self._neighbours_at = -_FORGET_EVERY_S
        self._forgotten_at = monotonic()
        self._writer = ThreadPoolExecutor(1)
        self._writing: _Writing | None = None
        self._troubles = {"disk": "", "network": ""}
        self.rows = 0
        """On the disk since the start."""
        self.lost = 0
        """That nobody will ever know of, since the start."""

    @property
    def trouble(self) -> str:
        """What does not go as it should; empty otherwise."""
        return "; ".join(filter(None, self._troubles.values()))

    def turn(self) -> None:
        """Hear for a moment, and write if it is time to."""
        self._learn()
        if self._networks and not self._has_begun:
            self._begin()
        messages, sizes = self._source.collect(_COLLECT_S)
        self._lose(self._source.lost())
        if len(messages):
            self._take(messages, sizes)
        self._settle(wait=False)
        is_time = self._monotonic() - self._since >= self._block_s
        if self._count and (is_time or self._count >= _BLOCK_ROWS) and self._writing is None:
            self._write()

    def close(self) -> None:
        """Write what there is. The journal is left open."""
        self._settle(wait=True)
        if self._count:
            self._write()
            self._settle(wait=True)
        self._writer.shutdown()

    def _begin(self) -> None:
        """Once it is known whose network this is: take what runs already."""
        self._has_begun = True
        try:
            for messages, sizes in self._source.running():
                self._take(messages, sizes, is_running=True)
        except (OSError, BadMessageError) as error:
            _log.warning("what runs already is not known", error=type(error).__name__)

    def _take(self, messages: Octets, sizes: NDArray[np.intp], *, is_running: bool = False) -> None:
        rows, unread = conntrack.read(messages, sizes, int(self._now().timestamp() * 1000))
        self._lose(unread)
        if is_running:
            rows["event"] = Event.RUNNING
        rows = self._networks.leaving(rows)
        if not len(rows):
            return
        if self._phones.name(rows) and self._is_due(self._neighbours_at, _ASK_AGAIN_S):
            self._ask_for_neighbours()
            self._phones.name(rows)
        if not self._count:
            self._since = self._monotonic()
        self._waiting.append(rows)
        self._count += len(rows)
        while self._count > _MOST_WAITING:
            oldest = self._waiting.pop(0)
            self._count -= len(oldest)
            self._lose(len(oldest))

    def _write(self) -> None:
        rows = np.concatenate(self._waiting)
        rows, later = rows[:_BLOCK_ROWS], rows[_BLOCK_ROWS:]
        self._name_late(rows)
        self._waiting = [later] if len(later) else []
        self._count = len(later)
        lost, self._lost = self._lost, 0
        self._since = self._monotonic()
        doing = self._writer.submit(self._journal.append, rows, lost, self._now())
        self._writing = _Writing(doing, rows, lost)

    def _name_late(self, rows: Rows) -> None:
        """Of phones that were not known when they were heard."""
        unnamed = np.flatnonzero(~rows["phone"].any(axis=1))
        if len(unnamed):
            self._ask_for_neighbours()
            some = rows[unnamed]
            self._phones.name(some)
            rows[unnamed] = some

    def _settle(self, *, wait: bool) -> None:
        """See what came of the block that is being written."""
        if self._writing is None or not (wait or self._writing.doing.done()):
            return
        doing, rows, lost = self._writing
        self._writing = None
        try:
            doing.result()
        except OSError as error:
            # Tried again when the next block is due.
            self._tell("disk", f"the flow log cannot be written: {error.strerror}")
            self._waiting.insert(0, rows)
            self._count += len(rows)
            self._lost += lost
        else:
            self.rows += len(rows)
            self._tell("disk")

    def _lose(self, count: int) -> None:
        if count:
            _log.warning("flows were lost: more than this box can write", count=count)
            self._lost += count
            self.lost += count

    def _tell(self, about: str, trouble: str = "") -> None:
        if trouble and trouble != self._troubles[about]:
            _log.error(trouble)
        self._troubles[about] = trouble

    def _learn(self) -> None:
        often = _NETWORKS_EVERY_S if self._networks else _LOOK_AGAIN_S
        if self._is_due(self._networks_at, often):
            self._ask_for_networks()
        if self._is_due(self._forgotten_at, _FORGET_EVERY_S):
            self._forgotten_at = self._monotonic()
            self._phones.forget()
            self._ask_for_neighbours()
        if self._is_due(self._neighbours_at, _NEIGHBOURS_EVERY_S):
            self._ask_for_neighbours()

    def _ask_for_networks(self) -> None:
        self._networks_at = self._monotonic()
        try:
            found = self._network.networks()
        except (OSError, BadMessageError):
            found = []
        if found:
            # Else those of before stay: an interface that is gone comes back as it was.
            self._networks = Networks(found)
        self._tell("network", "" if found else "the shoppers' interface has no address")

    def _ask_for_neighbours(self) -> None:
        self._neighbours_at = self._monotonic()
        try:
            self._phones.learn(self._network.neighbours())
        except (OSError, BadMessageError):
            # Flows then have their marks, from which the phone is found as well.
            _log.debug("the kernel did not tell its neighbours")

    def _is_due(self, at: float, after_s: float) -> bool:
        return self._monotonic() - at >= after_s
