"""Fifty shoppers at the counter at once: whole logins by SMS over loopback.

Each is five requests, a new connection for each, from an address of its own: first page,
number, code, consents with membership, "you are online". The carrier is a server of ours that
answers at once, the gate only records. The limit is what a login's hashing and sealing cost the
CPU by themselves: what no portal that keeps codes hashed and numbers sealed can do without.
"""

import concurrent.futures
import contextlib
import http.client
import http.server
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from appliance.web_server import arguments
from core import secret_file, webhook_signature
from core.account import Account, AccountKind
from core.database import Database
from core.migrate import upgrade
from core.models import login as logins
from core.setting_groups.portal import PortalSettings
from core.settings import Settings
from portal.ways import codes
from tests import free_ports
from tests.bench.figure import figure

AT_ONCE = 50
LOGINS = 300
WARM_UP = 20
KEY = bytes(range(32))


class Carrier(http.server.BaseHTTPRequestHandler):
    """Keeps each number's newest code."""

    codes: dict[str, str]

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.codes[message["to"]] = message["code"]
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def measure() -> list[dict]:
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (port, pids, sent):
        numbers = range(WARM_UP + LOGINS)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda number: log_in(port, sent, number), numbers[:WARM_UP]))
            before, start = cpu_s(pids), time.perf_counter()
            waits = list(pool.map(lambda number: log_in(port, sent, number), numbers[WARM_UP:]))
            took = time.perf_counter() - start
        spent_ms = 1000 * (cpu_s(pids) - before) / LOGINS
        alone_ms = hashing_ms(Path(folder))
    return [
        row("rate", "logins/s", LOGINS / took, 1000 / alone_ms),
        row("cpu", "ms/login", spent_ms, alone_ms),
        row("p50", "ms/login", statistics.median(waits), alone_ms),
        row("p99", "ms/login", statistics.quantiles(waits, n=100)[98], alone_ms),
    ]


def row(name, unit, value, alone):
    peer = "the hashing and sealing of a login alone, one core"
    return figure(
        f"counter.{name}_{AT_ONCE}_at_once",
        unit=unit,
        value=value,
        peer=peer,
        peer_value=alone,
        goal="none set",
        met=None,
    )


@contextlib.contextmanager
def served(folder: Path):
    """A real portal with two workers; its port, its processes, and the codes that were sent."""
    [port] = free_ports.find(1)
    sent: dict[str, str] = {}
    handler = type("Handler", (Carrier,), {"codes": sent})
    carrier = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=carrier.serve_forever, daemon=True).start()
    environment = os.environ | {
        "DOORMAN_DATA_DIR": str(folder),
        "DOORMAN_PORTAL__URL": f"http://127.0.0.1:{port}",
        "DOORMAN_PORTAL__NEIGHBOURS": "loopback",
        "DOORMAN_GATE__KIND": "recording",
        "DOORMAN_LOG_LEVEL": "error",
        "DOORMAN_SMS__CARRIERS": '["webhook"]',
        "DOORMAN_SMS__WEBHOOK__URL": f"http://127.0.0.1:{carrier.server_port}/",
        "DOORMAN_SMS__WEBHOOK__SIGNING_KEY": webhook_signature.write_key(KEY),
    }
    database = Database(Settings(data_dir=folder).database_url)
    upgrade(database)
    database.dispose()
    gate = subprocess.Popen([sys.executable, "-m", "appliance", "gate"], env=environment)
    portal = subprocess.Popen(
        arguments("portal.wsgi:create()", PortalSettings(port=port, workers=2)), env=environment
    )
    try:
        for _ in range(400):
            with contextlib.suppress(OSError, http.client.HTTPException):
                if (folder / "gate.sock").exists() and ask(port, 0, "GET", "/")[0] == 200:
                    break
            time.sleep(0.05)
        children = Path(f"/proc/{portal.pid}/task/{portal.pid}/children").read_text().split()
        yield port, [portal.pid, *map(int, children)], sent
    finally:
        for process in (portal, gate):
            process.terminate()
            process.wait(10)
        carrier.shutdown()
        carrier.server_close()


def log_in(port: int, sent: dict[str, str], number: int) -> float:
    """Milliseconds from the first page to the last."""
    phone = f"139{number:08}"
    start = time.perf_counter()
    step(port, number, "GET", "/")
    step(port, number, "POST", "/login", phone=phone, terms="yes")
    step(port, number, "POST", "/code", code=sent[f"+86{phone}"])
    step(port, number, "POST", "/consent", membership="yes")
    step(port, number, "GET", "/online")
    return 1000 * (time.perf_counter() - start)


def step(port: int, number: int, method: str, path: str, **form: str) -> None:
    status = ask(port, number, method, path, form)[0]
    if status != (303 if form else 200):
        raise RuntimeError(f"{method} {path} got {status}")


def ask(port, number, method, path, form=None):
    address = f"127.1.{number // 250}.{1 + number % 250}"
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=60, source_address=(address, 0)
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request(method, path, urllib.parse.urlencode(form) if form else None, headers)
    with contextlib.closing(connection), connection.getresponse() as answer:
        answer.read()
        return answer.status, answer.headers["Location"]


def hashing_ms(folder: Path) -> float:
    """What the keyed hashes, seals and openings of one login take."""
    sealer = secret_file.open_sealer(folder)
    account = Account(AccountKind.PHONE, "+8613800138000")
    rounds = 500
    start = time.process_time()
    for login_id in range(rounds):
        code = codes.make()
        stored = codes.digest(KEY, login_id, code)
        codes.fits(KEY, login_id, code, stored)
        for _ in range(5):
            sealer.lookup("mac", b"\x02\x00\x00\x00\x00\x01")
        for _ in range(3):
            account.lookup(sealer)
        sealed = account.sealed(sealer, logins.ACCOUNT)
        for _ in range(3):
            Account.opened(sealer, logins.ACCOUNT, sealed)
        # The hardware address, the code, the member's number, the news for the CRM.
        for _ in range(4):
            sealer.seal("bench.sealed", b"0" * 200)
    return 1000 * (time.process_time() - start) / rounds


def cpu_s(pids: list[int]) -> float:
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")
