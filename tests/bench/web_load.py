"""Phones that ask one web server: as fast as they can, at a set rate, or slow on purpose.

Every request is a connection of its own, as phones make them.
"""

import contextlib
import dataclasses
import json
import select
import socket
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.lab.namespace import Namespace

REQUEST = b"GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.gstatic.com\r\n\r\n"
_SCRIPT = Path(__file__).with_name("web_load.lua")
_PATIENCE_S = 5.0
_DRIP_S = 0.5


@dataclasses.dataclass(frozen=True, slots=True)
class Load:
    """What came of it. Latencies are in ms; of none answered, they are infinite."""

    rate: float
    p50: float
    p99: float
    failed: int
    """Not answered in time, broken off, or answered with an error."""


def as_fast_as_possible(
    phones: Namespace, url: str, connections: int, seconds: float, timeout_s: int = 5
) -> Load:
    """Closed loop, by wrk: each of so many asks again once it is answered."""
    options = [f"-c{connections}", f"-d{seconds}s", f"--timeout={timeout_s}s", "-t1"]
    done = phones.run("wrk", *options, "-H", "Connection: close", "-s", _SCRIPT, url)
    found = json.loads(done.stdout.splitlines()[-1])
    return Load(**found)


def at_rate(
    phones: Namespace, sources: Sequence[str], address: tuple[str, int], rate: int, seconds: float
) -> Load:
    """Open loop: a new phone every 1/`rate` s, however those before it fare.

    Latency is from when a phone was due to the end of its answer, so that a server that
    makes phones wait does not look quicker for it.
    """
    return phones.call(lambda: _Arrivals(sources, address, rate, seconds).run())


@contextlib.contextmanager
def holding(
    phones: Namespace, sources: Sequence[str], address: tuple[str, int]
) -> Iterator[list[socket.socket]]:
    """Each of `sources` keeps a connection busy: half say nothing, half drip an endless header."""
    held = phones.call(lambda: [_connect(source, address) for source in sources])
    for each in held[::2]:
        each.send(REQUEST[:20])
    stopping = threading.Event()
    dripping = threading.Thread(target=_drip, args=(held[1::2], stopping))
    dripping.start()
    try:
        yield held
    finally:
        stopping.set()
        dripping.join()
        for each in held:
            each.close()


def _connect(source: str, address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, _PATIENCE_S, (source, 0))


def _drip(held: Sequence[socket.socket], stopping: threading.Event) -> None:
    for each in held:
        each.send(REQUEST[:-2] + b"X-Slow: ")
    while not stopping.wait(_DRIP_S):
        for each in held:
            # A server may well hang up on it.
            with contextlib.suppress(OSError):
                each.send(b"x")


class _Arrivals:
    """One run of `at_rate`, in the thread that is in the phones' namespace."""

    def __init__(
        self, sources: Sequence[str], address: tuple[str, int], rate: int, seconds: float
    ) -> None:
        self._sources = sources
        self._address = address
        self._every_s = 1 / rate
        self._wanted = int(rate * seconds)
        self._poll = select.epoll()
        self._open: dict[int, tuple[socket.socket, float]] = {}
        self._latencies: list[float] = []
        self._failed = 0

    def run(self) -> Load:
        start = time.perf_counter()
        begun = 0
        while begun < self._wanted or self._open:
            now = time.perf_counter()
            due = start + begun * self._every_s
            if begun < self._wanted and now >= due:
                self._begin(self._sources[begun % len(self._sources)], due)
                begun += 1
                continue
            if now > start + self._wanted * self._every_s + _PATIENCE_S:
                break
            self._attend(max(0.0, due - now) if begun < self._wanted else 0.1)
        took_s = time.perf_counter() - start
        self._failed += len(self._open)
        for asking, _ in self._open.values():
            asking.close()
        self._poll.close()
        if len(self._latencies) < 2:
            return Load(0, float("inf"), float("inf"), self._failed)
        cuts = statistics.quantiles(self._latencies, n=100)
        return Load(len(self._latencies) / took_s, cuts[49], cuts[98], self._failed)

    def _begin(self, source: str, due: float) -> None:
        asking = socket.socket()
        asking.setblocking(False)
        asking.setsockopt(socket.SOL_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        asking.bind((source, 0))
        asking.connect_ex(self._address)
        self._open[asking.fileno()] = (asking, due)
        self._poll.register(asking, select.EPOLLOUT)

    def _attend(self, timeout_s: float) -> None:
        for number, _ in self._poll.poll(timeout_s):
            asking, due = self._open[number]
            try:
                ended = self._go_on(asking)
            except OSError:
                ended = True
                self._failed += 1
            else:
                if ended:
                    self._latencies.append(1000 * (time.perf_counter() - due))
            if ended:
                self._poll.unregister(asking)
                asking.close()
                del self._open[number]

    def _go_on(self, asking: socket.socket) -> bool:
        """Whether the answer is complete."""
        try:
            answer = asking.recv(65_536)
        except BlockingIOError:
            asking.send(REQUEST)
            self._poll.modify(asking, select.EPOLLIN)
            return False
        if not answer.startswith(b"HTTP/1.1 30"):
            raise ConnectionError("no redirect")
        # Small enough to come in one piece; the connection ends with it.
        return True
