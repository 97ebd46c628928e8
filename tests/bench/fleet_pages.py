"""How long headquarters waits for a page about 6,000 stores, on PostgreSQL and on SQLite.

The fleet's pages as they are served: gunicorn, from the first octet of the question to the last
of the answer, one page after another. The limit is 300 ms for 95 of 100; four weeks, which are
eight with those they are compared with, are told apart from the week that pages open with. The
peer is the sign-in page, which asks the database for nothing of the fleet.
"""

import os
import secrets
import statistics
import tempfile
from pathlib import Path

from analytics.dashboard import accounts
from appliance.demo.fleet import Fleet
from appliance.demo.plan import command
from appliance.demo.processes import Processes
from core import clock, migrate
from core.database import Database
from hq.wsgi import REVISIONS
from tests.bench import pages, postgresql
from tests.bench.figure import figure

STORES = 6000
ROUNDS = 20
WEEK = ("/", "/?sort=change", "/regions", "/map", "/health", "/stores/store-1")
FOUR_WEEKS = ("/?range=28", "/?range=28&sort=change", "/regions?range=28", "/map?range=28")


def measure() -> list[dict]:
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with postgresql.server(folder) as (url, _):
            rows += _measured("postgresql", url, folder / "on-postgresql")
        url = f"sqlite:///{folder / 'hq.sqlite'}"
        rows += _measured("sqlite", url, folder / "on-sqlite")
    return rows


def _measured(name: str, url: str, folder: Path) -> list[dict]:
    password = secrets.token_urlsafe(9)
    _fill(url, password)
    environment = {
        **os.environ,
        "DOORMAN_DATA_DIR": str(folder / "data"),
        "DOORMAN_HQ__DATABASE_URL": url,
        "DOORMAN_HQ__PAGES__PORT": str(pages.PORT),
    }
    with Processes(folder / "logs", environment) as processes:
        processes.start("hq-pages", command("hq", "pages"))
        processes.wait_for("hq-pages", pages.answers, 60)
        cookie = pages.sign_in(password)
        took = {address: [] for address in (pages.SIGN_IN, *WEEK, *FOUR_WEEKS)}
        for _ in range(ROUNDS):
            for address, each in took.items():
                each.append(pages.page_ms(address, cookie))
    plain_ms = statistics.median(took[pages.SIGN_IN])
    groups = {
        "week": [ms for address in WEEK for ms in took[address]],
        "four weeks": [ms for address in FOUR_WEEKS for ms in took[address]],
        **{address: took[address] for address in (*WEEK, *FOUR_WEEKS)},
    }
    return [
        figure(
            f"fleet_pages.{name}.{group} (95 of 100)",
            unit="ms",
            value=pages.p95(each),
            peer="the sign-in page, median",
            peer_value=plain_ms,
            goal=f"at most {pages.LIMIT_MS} ms",
            met=pages.p95(each) <= pages.LIMIT_MS,
        )
        for group, each in groups.items()
    ]


def _fill(url: str, password: str) -> None:
    database = Database(url)
    migrate.upgrade(database, REVISIONS)
    now = clock.now()
    accounts.add(database, "alice", password, now)
    with database.writing() as session:
        Fleet(now, stores=STORES).fill(session)
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    database.dispose()
