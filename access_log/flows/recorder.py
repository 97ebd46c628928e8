"""Takes flows from the kernel to the disk: the loop of `doorman flows`.

Reading never waits for the disk: blocks are sealed and written by a second thread, one at a time.
What cannot be written waits in memory, as far as there is room, and is counted beyond that.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, Protocol

from access_log.flows import records
from access_log.flows.conntrack import Reader
from access_log.flows.journal import Journal
from access_log.flows.phones import Networks, Phones
from access_log.flows.records import DESTINATION, NOBODY, PHONE, ROW, SOURCE, Event
from access_log.flows.rtnetlink import IpNetwork, Neighbour
from core.log import Log
from core.netlink import BadMessageError

# Of one block: large ones take less room, and are written before they are this old.
_BLOCK_ROWS = 10_000
# What may wait for the disk: 19 MB of memory.
_MOST_WAITING = 200_000
_COLLECT_S = 0.5
_NETWORKS_EVERY_S, _NEIGHBOURS_EVERY_S = 60.0, 30.0
# A phone that has just come is asked for sooner, but not each time.
_ASK_AGAIN_S = 1.0
_LOOK_AGAIN_S = 5.0
_FORGET_EVERY_S = 86_400.0

_log = Log("flows")


class Source(Protocol):
    """Where connections are heard of: `access_log.flows.kernel.Listener`."""

    def collect(self, seconds: float) -> list[bytes]: ...
    def running(self) -> Iterator[list[bytes]]: ...
    def lost(self) -> int: ...


class Network(Protocol):
    """Who is there. OSError or BadMessageError if that cannot be told."""

    def neighbours(self) -> list[Neighbour]: ...
    def networks(self) -> list[IpNetwork]: ...


class _Writing(NamedTuple):
    """A block on its way to the disk."""

    doing: Future[None]
    rows: bytearray
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
        self._reader = Reader()
        # Rows, one after the other.
        self._waiting = bytearray()
        self._lost = 0
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
        messages = self._source.collect(_COLLECT_S)
        self._lose(self._source.lost())
        if messages:
            self._take(messages)
        self._settle(wait=False)
        is_due = self._is_due(self._since, self._block_s) or self._count >= _BLOCK_ROWS
        if self._waiting and is_due and self._writing is None:
            self._write()

    def close(self) -> None:
        """Write what there is. The journal is left open."""
        self._settle(wait=True)
        while self._waiting:
            self._write()
            self._settle(wait=True)
            if self._troubles["disk"]:
                break
        self._writer.shutdown()

    def _begin(self) -> None:
        """Once it is known whose network this is: take what runs already."""
        self._has_begun = True
        try:
            for messages in self._source.running():
                self._take(messages, is_running=True)
        except (OSError, BadMessageError) as error:
            _log.warning("what runs already is not known", error=type(error).__name__)

    @property
    def _count(self) -> int:
        """Rows that wait."""
        return len(self._waiting) // ROW.size

    def _take(self, messages: list[bytes], *, is_running: bool = False) -> None:
        was_empty = not self._waiting
        rows, unread = self._reader.read(messages, int(self._now().timestamp() * 1000))
        if is_running:
            rows[:: ROW.size] = bytes([Event.RUNNING]) * (len(rows) // ROW.size)
        leaves, waiting = self._networks.leaves, self._waiting
        for at in range(0, len(rows), ROW.size):
            row = bytes(rows[at : at + ROW.size])
            if leaves(row[SOURCE], row[DESTINATION]):
                waiting += records.named(row, self._phone(row))
        self._lose(unread)
        if was_empty:
            self._since = self._monotonic()
        if (too_many := self._count - _MOST_WAITING) > 0:
            del self._waiting[: too_many * ROW.size]
            self._lose(too_many)

    def _phone(self, row: bytes) -> bytes:
        phone = self._phones.of(row)
        if phone == NOBODY and self._is_due(self._neighbours_at, _ASK_AGAIN_S):
            self._ask_for_neighbours()
            phone = self._phones.of(row)
        return phone

    def _write(self) -> None:
        rows = self._waiting[: _BLOCK_ROWS * ROW.size]
        del self._waiting[: len(rows)]
        self._name_late(rows)
        lost, self._lost = self._lost, 0
        self._since = self._monotonic()
        doing = self._writer.submit(self._journal.append, rows, lost, self._now())
        self._writing = _Writing(doing, rows, lost)

    def _name_late(self, rows: bytearray) -> None:
        """Of phones that were not known when they were heard."""
        starts = range(0, len(rows), ROW.size)
        unnamed = [at for at in starts if rows[at + PHONE.start : at + PHONE.stop] == NOBODY]
        if unnamed:
            self._ask_for_neighbours()
        for at in unnamed:
            row = bytes(rows[at : at + ROW.size])
            rows[at : at + ROW.size] = records.named(row, self._phones.of(row))

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
            self._waiting[:0] = rows
            self._lost += lost
        else:
            self.rows += len(rows) // ROW.size
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
