"""How fast headquarters takes in what a store sends: from the store's outbox to the commit.

The real sender empties a real SQLite outbox over HTTP into real gunicorn workers and a real
PostgreSQL that waits for its disk; at the end every event has to be in the inbox once. All of it
is on one machine, two cores for everything. Beside it, in the same run: bare COPY of the rows,
row-by-row upsert, and the same sender to a receiver without a database. The 50 ms are those of a
proxy on the loopback that holds back each direction by half of them.
"""

import contextlib
import dataclasses
import datetime as dt
import gc
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psycopg
import sqlalchemy as sa
import ulid

from appliance import crm_choice
from core import clock, outbox, secret_file
from core.database import Database
from core.models.every import metadata
from core.models.outbox_event import OutboxEvent, OutboxState
from core.sealing import Sealer
from core.setting_groups.crm import CrmKind, CrmSettings
from core.setting_groups.headquarters import HeadquartersSettings
from core.setting_groups.store import StoreSettings
from core.settings import Settings
from crm import delivery
from tests import free_ports
from tests.bench import counter, figure, postgresql

STORE = "store-7"
ROUNDS = 3
GOAL = 40_000
DELAY_S = 0.05
# Batch size -> events a round.
EVENTS = {1: 400, 100: 8_000, 1000: 40_000}
FAR_EVENTS = {1: 40, 100: 4_000, 1000: 20_000}
DOORMAN = Path(sys.executable).with_name("doorman")


CPU_GOAL_US = 2e6 / GOAL


def measure():
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        database_url, server = stack.enter_context(postgresql.server(Path(folder)))
        hq = stack.enter_context(Headquarters(Path(folder, "hq"), database_url))
        bare = stack.enter_context(bare_receiver())
        far = stack.enter_context(delayed(hq.port))
        rates, costs = {}, []
        # As `doorman jobs` does, in which the sender runs.
        gc.freeze()
        # Round by round, so that a busy moment of the machine falls on every one.
        for number in range(ROUNDS):
            for name, url, size, count in runs(hq, bare, far):
                store = Store(Path(folder, f"{number}-{name}"), url, hq.key, size)
                store.fill(count)
                before = cost_s(hq.process, server)
                rates.setdefault(name, []).append(store.rate())
                if name == "batch_1000":
                    spent = zip(before, cost_s(hq.process, server), strict=True)
                    costs.append([1e6 * (end - begin) / count for begin, end in spent])
                if url != bare:
                    hq.expect(store.ids)
        peers = {
            "bare COPY of the rows": copy_rate(database_url),
            "row-by-row upsert": upsert_rate(database_url),
        }
    found = rows({name: statistics.median(found) for name, found in rates.items()}, peers)
    return found + cost_rows([statistics.median(each) for each in zip(*costs, strict=True)])


def runs(hq, bare, far):
    for size, count in EVENTS.items():
        yield f"batch_{size}", hq.url, size, count
    for size, count in FAR_EVENTS.items():
        yield f"batch_{size}_50ms", far, size, count
    yield "no_database", bare, 1000, EVENTS[1000]


def rows(rates, peers):
    peers["a receiver without database"] = rates.pop("no_database")
    ours = rates["batch_1000"]
    found = [
        figure.figure(
            "intake.batch_1000",
            unit="events/s",
            value=ours,
            peer=name,
            peer_value=value,
            goal=f"at least {GOAL:,}" if value != peers["row-by-row upsert"] else "more",
            met=ours >= (GOAL if value != peers["row-by-row upsert"] else value),
        )
        for name, value in peers.items()
    ]
    for name, value in rates.items():
        if name != "batch_1000":
            found.append(
                figure.figure(
                    f"intake.{name}",
                    unit="events/s",
                    value=value,
                    peer="batches of 1,000",
                    peer_value=ours,
                    goal="none: shown beside",
                    met=None,
                )
            )
    return found


def cost_s(*processes):
    """CPU time so far: this process, which sends, and each of these with its children."""
    found = [time.process_time()]
    for process in processes:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        found.append(counter.cpu_s([process.pid, *map(int, children)]))
    return found


def cost_rows(costs):
    """What an event costs, which other work on the machine changes less than the rate."""
    whole = sum(costs)
    rows = [("all", whole), *zip(("sender", "hq", "postgresql"), costs, strict=True)]
    return [
        figure.figure(
            f"intake.cpu_{name}",
            unit="us/event",
            value=value,
            peer=f"two cores at {GOAL:,} events/s",
            peer_value=CPU_GOAL_US,
            goal="below" if name == "all" else "none: part of it",
            met=value < CPU_GOAL_US if name == "all" else None,
        )
        for name, value in rows
    ]


@dataclasses.dataclass
class Store:
    """A store with an outbox full of what a promotion brings."""

    folder: Path
    url: str
    key: str
    size: int
    ids: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.settings = Settings(
            data_dir=self.folder,
            store=StoreSettings(id=STORE),
            crm=CrmSettings(kind=CrmKind.HEADQUARTERS, batch_size=self.size, timeout_s=60),
            headquarters=HeadquartersSettings(url=self.url, key=self.key),
        )
        self.database = Database(self.settings.database_url)
        self.secrets = secret_file.load_or_create(self.folder)
        self.sealer = Sealer(self.secrets.keys())

    def rate(self):
        settings, sealer = self.settings, self.sealer
        crm = crm_choice.choose(settings, self.secrets, self.database, sealer)
        taken, begin = 0, time.perf_counter()
        while taken < len(self.ids):
            tally = delivery.deliver(self.database, sealer, crm, settings, clock.now)
            if not tally.accepted:
                raise RuntimeError(f"not everything was taken: {tally}")
            taken += tally.accepted
        took_s = time.perf_counter() - begin
        crm.close()
        self.database.dispose()
        return taken / took_s

    def fill(self, count):
        metadata.create_all(self.database.engine)
        now = clock.now()
        events = []
        for number in range(count):
            member = str(ulid.ULID())
            kind, data = of_a_promotion(number, now)
            data |= {"member": member, "store": STORE, "version": 1}
            body = json.dumps(data, separators=(",", ":")).encode()
            self.ids.append(str(ulid.ULID()))
            events.append(
                {
                    "event_id": self.ids[-1],
                    "type": f"doorman.{kind}",
                    "source": "",
                    "subject": member,
                    "occurred_at": now,
                    "sealed_data": self.sealer.seal(outbox.DATA, body),
                    "state": OutboxState.WAITING,
                    "attempts": 0,
                    "next_attempt_at": now,
                    "last_error": "",
                }
            )
        with self.database.writing() as session:
            session.execute(sa.insert(OutboxEvent), events)


def of_a_promotion(number, now):
    """One of the events that a shopper brings who enrols for a coupon, by turns."""
    at = now.isoformat()
    later = (now + dt.timedelta(days=30)).isoformat()
    campaign = {"campaign": {"id": 1, "name": "Spring"}}
    kinds = (
        (
            "member.enrolled",
            {
                "phone": f"+861{number % 10**10:010}",
                "phone_verified_at": at,
                "phone_bound_at": None,
                "email": None,
                "email_verified_at": None,
                "email_bound_at": None,
                "unionid": None,
                "openids": [],
                "language": "zh",
                "enrolled_at": at,
                "consents": ["marketing", "membership"],
            },
        ),
        (
            "consent.given",
            {
                "purpose": "marketing",
                "wording_version": "0123456789abcdef",
                "language": "zh",
                "given_at": at,
            },
        ),
        ("coupon.issued", {**campaign, "code": "7KQ4M2", "issued_at": at, "expires_at": later}),
        ("campaign.click", {**campaign, "clicked_at": at}),
        ("coupon.used", {**campaign, "code": "7KQ4M2", "used_at": at}),
    )
    return kinds[number % len(kinds)]


class Headquarters:
    """`doorman hq` as it is run, and its inbox."""

    def __init__(self, folder, database_url):
        [self.port] = free_ports.find(1)
        self.url, self.database_url = f"http://127.0.0.1:{self.port}", database_url
        folder.mkdir()
        (folder / "empty.toml").touch()
        self._environment = {
            **os.environ,
            "DOORMAN_CONFIG": str(folder / "empty.toml"),
            "DOORMAN_DATA_DIR": str(folder),
            "DOORMAN_HQ__DATABASE_URL": database_url,
            "DOORMAN_HQ__PORT": str(self.port),
            "DOORMAN_HQ__WORKERS": "2",
            "DOORMAN_HQ__EVENTS_PER_STORE_MINUTE": "100000000",
            "DOORMAN_HQ__MEGABYTES_PER_STORE_MINUTE": "100000",
        }
        self._seen = 0

    def __enter__(self):
        added = [DOORMAN, "hq", "add-store", STORE, "http://wifi.store.test"]
        found = subprocess.run(
            added, env=self._environment, check=True, capture_output=True, text=True
        )
        self.key = found.stdout.strip()
        self.process = subprocess.Popen(
            [DOORMAN, "hq"], env=self._environment, start_new_session=True
        )
        answers(self.url)
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)

    def expect(self, ids):
        """Each of them is in the inbox once, and nothing besides what was there before."""
        self._seen += len(ids)
        with psycopg.connect(self.database_url) as connection:
            [(found, distinct)] = connection.execute(
                "SELECT count(*), count(DISTINCT event_id) FROM inbox"
            ).fetchall()
            [(ours,)] = connection.execute(
                "SELECT count(*) FROM inbox WHERE event_id = ANY(%s)", [ids]
            ).fetchall()
        if (found, distinct, ours) != (self._seen, self._seen, len(ids)):
            raise RuntimeError(f"{len(ids)} were sent, {ours} arrived; {found} rows in all")


@contextlib.contextmanager
def bare_receiver():
    """The same web server with a receiver that reads, answers and keeps nothing."""
    [port] = free_ports.find(1)
    gunicorn = [sys.executable, "-m", "gunicorn", "tests.bench.bare_receiver:take"]
    flags = ["--workers=2", "--worker-class=gthread", "--threads=8", "--log-level=error"]
    more = [f"--bind=127.0.0.1:{port}", "--keep-alive=75", "--no-control-socket"]
    with _running([*gunicorn, *flags, *more]):
        answers(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def delayed(to_port):
    """The address of a proxy that is a round trip away."""
    [port] = free_ports.find(1)
    command = [sys.executable, "-m", "tests.bench.delay", str(port), str(to_port), str(DELAY_S)]
    with _running(command):
        answers(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _running(command):
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def answers(url):
    for _ in range(600):
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(url)


def copy_rate(database_url, count=200_000):
    """Rows of the inbox's form, straight in."""
    now = clock.now()
    events = [
        (STORE, str(ulid.ULID()), 1, 1, "doorman.campaign.click", str(ulid.ULID()), now, now, "w")
        for _ in range(count)
    ]
    kinds = ["text", "text", "int8", "int4", "text", "text", "timestamptz", "timestamptz", "text"]
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE copied (LIKE inbox)")
        begin = time.perf_counter()
        copying = "COPY copied FROM STDIN (FORMAT BINARY)"
        with connection.cursor().copy(copying) as copy:
            copy.set_types(kinds)
            for event in events:
                copy.write_row(event)
        connection.commit()
        return count / (time.perf_counter() - begin)


def upsert_rate(database_url, count=5_000):
    """Row by row, a thousand a transaction."""
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE upserted (LIKE inbox INCLUDING ALL)")
        connection.commit()
        begin = time.perf_counter()
        for number in range(count):
            connection.execute(
                "INSERT INTO upserted VALUES (%s, %s, 1, 1, %s, %s, now(), now(), 'waiting')"
                " ON CONFLICT DO NOTHING",
                [STORE, str(ulid.ULID()), "doorman.campaign.click", str(ulid.ULID())],
            )
            if number % 1000 == 999:
                connection.commit()
        connection.commit()
        return count / (time.perf_counter() - begin)
