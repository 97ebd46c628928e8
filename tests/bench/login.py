"""How much of gunicorn's own speed the portal leaves to a shopper.

The limit is a WSGI application that does nothing, under the same server in the same run.
Every request is a new connection, as phones make them. Server and clients share the
machine, so requests a second are low and vary; ratios and CPU time per request hold.
"""

import concurrent.futures
import contextlib
import dataclasses
import os
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from appliance.web_server import arguments
from core.database import Database
from core.models.every import metadata
from core.setting_groups.portal import PortalSettings
from core.settings import Settings

CLIENTS = 4
ROUNDS = 3
ROUND_S = 1.0
PEER = "WSGI application that does nothing"


def bare(_environ, start_response):
    """The limit: what gunicorn can do at most."""
    start_response("302 Found", [("Location", "http://127.0.0.1/"), ("Content-Length", "5")])
    return [b"moved"]


@dataclasses.dataclass
class Load:
    """What one kind of request has got so far, over all rounds."""

    port: int
    server: int
    request: bytes
    status: bytes
    rates: list[float] = dataclasses.field(default_factory=list)
    latencies_ms: list[float] = dataclasses.field(default_factory=list)
    cpu_s: float = 0.0

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def cpu_us(self) -> float:
        return 1e6 * self.cpu_s / len(self.latencies_ms)

    def quantile_ms(self, percent: int) -> float:
        return statistics.quantiles(self.latencies_ms, n=100)[percent - 1]


def measure() -> list[dict]:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as servers:
        portal_port, portal = servers.enter_context(served("portal.wsgi:create()", Path(folder)))
        bare_port, nothing = servers.enter_context(served("tests.bench.login:bare", Path(folder)))
        limit = Load(bare_port, nothing, get("/"), b"302")
        redirect = Load(portal_port, portal, get("/generate_204", "g.cn"), b"302")
        page = Load(portal_port, portal, get("/"), b"200")
        for load in (limit, redirect, page) * ROUNDS:
            run(load)
    return [
        row("redirect", "requests/s", redirect.rate, limit.rate, at_least=0.5),
        row("redirect_cpu", "us/request", redirect.cpu_us, limit.cpu_us, at_most=2),
        row("redirect_p50", "ms", redirect.quantile_ms(50), limit.quantile_ms(50), at_most=2),
        row("redirect_p99", "ms", redirect.quantile_ms(99), limit.quantile_ms(99), at_most=2),
        row("page", "requests/s", page.rate, limit.rate, at_least=0.1),
        row("page_cpu", "us/request", page.cpu_us, limit.cpu_us, at_most=10),
        row("page_p50", "ms", page.quantile_ms(50), limit.quantile_ms(50), at_most=10),
        row("page_p99", "ms", page.quantile_ms(99), limit.quantile_ms(99), at_most=10),
    ]


def row(name, unit, value, limit, *, at_least=None, at_most=None) -> dict:
    ratio = value / limit
    met = ratio >= at_least if at_least else ratio <= at_most
    least = f"at least {100 * at_least:.0f} % of" if at_least else ""
    return {
        "name": f"login.{name}",
        "value": round(value, 2),
        "unit": unit,
        "peer": PEER,
        "peer_value": round(limit, 2),
        "ratio": round(ratio, 3),
        "goal": f"{least or f'at most {at_most} times'} the peer's",
        "met": bool(met),
    }


@contextlib.contextmanager
def served(application: str, folder: Path):
    """A gunicorn as the appliance starts it; gives its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DOORMAN_DATA_DIR": str(folder),
        "DOORMAN_PORTAL__URL": f"http://127.0.0.1:{port}",
        "DOORMAN_PORTAL__NEIGHBOURS": "loopback",
        "DOORMAN_GATE__KIND": "recording",
        "DOORMAN_LOG_LEVEL": "error",
    }
    database = Database(Settings(data_dir=folder).database_url)
    metadata.create_all(database.engine)
    database.dispose()
    server = subprocess.Popen(
        arguments(application, PortalSettings(port=port, workers=2)), env=environment
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(10)


def get(path: str, host: str = "127.0.0.1") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n".encode()


def run(load: Load) -> None:
    """One round: as many clients as there are, each sending one request after the other."""
    before, start = cpu_s(load.server), time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        parts = list(pool.map(lambda _: knock(load, start + ROUND_S), range(CLIENTS)))
    latencies = [latency for part in parts for latency in part]
    load.rates.append(len(latencies) / (time.perf_counter() - start))
    load.latencies_ms += latencies
    load.cpu_s += cpu_s(load.server) - before


def knock(load: Load, end: float) -> list[float]:
    latencies = []
    while (start := time.perf_counter()) < end:
        with socket.create_connection(("127.0.0.1", load.port), 5) as connection:
            connection.sendall(load.request)
            answer = b""
            while chunk := connection.recv(65_536):
                answer += chunk
        if answer[9:12] != load.status:
            raise RuntimeError(f"an answer has status {answer[9:12]!r}, not {load.status!r}")
        latencies.append(1000 * (time.perf_counter() - start))
    return latencies


def cpu_s(master: int) -> float:
    """CPU time that a gunicorn's workers have used."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    ticks = 0
    for worker in workers:
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
