"""The portal's pages through nginx: with slow phones held, and with a carrier that hangs.

Redirects, which nginx answers by itself, are measured in `redirects`. All is on one machine,
and each page is a connection of its own.
"""

import concurrent.futures
import contextlib
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.figure import figure
from tests.portal.front.fronted import Fronted

_HELD = 200
_HANGING = 8
_PAGES = 300
_PHONES = 50
_SLOWER = 1.5


def measure() -> list[dict]:
    if not shutil.which("nginx"):
        sys.stderr.write("front: not measured: not installed: nginx\n")
        return []
    with _fronted(secure=True) as fronted:
        free = _p99_ms(fronted)
        with _silent_handshakes(fronted):
            held = _p99_ms(fronted)
    with _fronted(threads=1) as fronted, _hanging_carrier(fronted):
        alone = _p99_ms(fronted, 2)
    with _fronted() as fronted, _hanging_carrier(fronted):
        threaded = _p99_ms(fronted)
    return [
        figure(
            "front.page_p99_held",
            unit="ms",
            value=held,
            peer=f"the same without {_HELD} half-open connections",
            peer_value=free,
            goal=f"at most {_SLOWER:g} times the peer's",
            met=held <= _SLOWER * free,
        ),
        figure(
            "front.page_p99_carrier_hangs",
            unit="ms",
            value=threaded,
            peer=f"two workers without threads, {_HANGING} logins that wait",
            peer_value=alone,
            goal="a tenth of the peer's",
            met=threaded <= alone / 10,
        ),
    ]


@contextlib.contextmanager
def _fronted(**kind: object) -> Iterator[Fronted]:
    with (
        tempfile.TemporaryDirectory(prefix="doorman-front-") as folder,
        Fronted(Path(folder), **kind) as fronted,
    ):
        yield fronted


def _p99_ms(fronted: Fronted, pages: int = _PAGES) -> float:
    """Of the first page, by HTTPS if that is where it is, one after the other."""
    took = []
    for number in range(pages):
        start = time.perf_counter()
        # A browser would wait longer still: what is given up counts as that late at least.
        with contextlib.suppress(TimeoutError):
            reply = fronted.ask("/", phone=f"127.0.9.{number % _PHONES + 1}")
            if reply.status not in {200, 503}:
                raise RuntimeError(f"the page has status {reply.status}")
        took.append(1000 * (time.perf_counter() - start))
    return statistics.quantiles(took, n=100)[98] if len(took) >= 100 else max(took)


@contextlib.contextmanager
def _silent_handshakes(fronted: Fronted) -> Iterator[None]:
    with contextlib.ExitStack() as held:
        for number in range(_HELD):
            address = ("127.0.0.1", fronted.https_port)
            source = (f"127.0.10.{number + 1}", 0)
            held.enter_context(socket.create_connection(address, 10, source))
        yield


@contextlib.contextmanager
def _hanging_carrier(fronted: Fronted) -> Iterator[None]:
    """Some phones have asked for a code, and the carrier says nothing."""

    def log_in(number: int) -> None:
        form = urlencode({"phone": f"13800139{number:03}", "terms": "yes"})
        fronted.ask("/login", method="POST", body=form, phone=f"127.0.11.{number + 1}")

    with concurrent.futures.ThreadPoolExecutor(_HANGING) as pool:
        with socket.create_server(fronted.carrier, backlog=100):
            logins = [pool.submit(log_in, number) for number in range(_HANGING)]
            time.sleep(0.5)
            yield
        concurrent.futures.wait(logins)
