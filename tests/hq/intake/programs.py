"""`doorman hq` and `doorman hq jobs` as processes, several on one PostgreSQL."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psycopg

from core import clock, migrate, secret_file, webhook_signature
from core.database import Database
from hq import stores, wsgi
from tests import free_ports

DOORMAN = Path(sys.executable).with_name("doorman")


class Site:
    """One headquarters: a database, and the folder of its keys."""

    def __init__(self, folder, database_url):
        (folder / "empty.toml").touch()
        self.database_url, self.data_dir = database_url, folder / "data"
        self.environment = {
            **os.environ,
            "DOORMAN_CONFIG": str(folder / "empty.toml"),
            "DOORMAN_DATA_DIR": str(folder / "data"),
            "DOORMAN_HQ__DATABASE_URL": database_url,
            "DOORMAN_HQ__WORKERS": "2",
            "DOORMAN_HQ__FOLD_EVERY_S": "1",
        }

    def migrate(self):
        """Make the tables, as any of the programs would."""
        self.data_dir.mkdir(exist_ok=True)
        database = Database(self.database_url)
        migrate.upgrade(database, wsgi.REVISIONS)
        database.dispose()

    @contextlib.contextmanager
    def writing(self):
        """A transaction, and what seals in it; once there are tables."""
        database = Database(self.database_url)
        with database.writing() as session:
            yield session, secret_file.open_sealer(self.data_dir)
        database.dispose()

    def add_store(self, name):
        with self.writing() as (session, sealer):
            text = stores.add(session, sealer, name, ["http://wifi.store.test"], clock.now())
        return webhook_signature.read_key(text)

    @contextlib.contextmanager
    def web(self):
        """The address of another server."""
        [port] = free_ports.find(1)
        with self.running(DOORMAN_HQ__PORT=str(port)):
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: _answers(url))
            yield url

    @contextlib.contextmanager
    def running(self, *arguments, **environment):
        # A group of its own, so that a kill takes the workers as well.
        process = subprocess.Popen(
            [DOORMAN, "hq", *arguments],
            env=self.environment | environment,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)

    def kill(self, process):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)

    def count(self, query):
        with psycopg.connect(self.database_url) as connection:
            [(number,)] = connection.execute(query).fetchall()
        return number


def wait_until(is_so, seconds=60):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("it has not come to be")
        time.sleep(0.02)


def _answers(url):
    try:
        httpx.get(url, trust_env=False)
    except httpx.TransportError:
        return False
    return True
