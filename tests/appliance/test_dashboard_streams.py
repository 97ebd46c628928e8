"""`doorman dashboard` as a real process, with more open pages than it has streams for."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from analytics.dashboard import accounts
from core import clock
from core import database as databases
from core.models.every import metadata
from core.settings import Settings
from tests import free_ports

DOORMAN = Path(sys.executable).with_name("doorman")
STREAMS = 2
PASSWORD = "correct horse battery"
ASKS = {"Accept": "text/event-stream"}


@pytest.fixture
def manager(tmp_path):
    """A browser in which the manager is signed in."""
    database = databases.open_database(Settings(data_dir=tmp_path))
    metadata.create_all(database.engine)
    accounts.add(database, "alice", PASSWORD, clock.now())
    database.dispose()
    (tmp_path / "empty.toml").touch()
    [port] = free_ports.find(1)
    environment = {
        **os.environ,
        "DOORMAN_CONFIG": str(tmp_path / "empty.toml"),
        "DOORMAN_DATA_DIR": str(tmp_path),
        "DOORMAN_DASHBOARD__PORT": str(port),
        "DOORMAN_DASHBOARD__LIVE_STREAMS": str(STREAMS),
    }
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([DOORMAN, "dashboard"], env=environment, start_new_session=True)
    try:
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            wait_for(client)
            said = {"name": "alice", "password": PASSWORD}
            client.post("/sign-in", data=said, headers={"Origin": url})
            yield client
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(client):
    for _ in range(600):
        try:
            client.get("/sign-in")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the dashboard does not answer")


def test_streams_that_are_open_leave_room_for_pages(manager):
    with contextlib.ExitStack() as open_pages:
        for _ in range(STREAMS):
            stream = open_pages.enter_context(manager.stream("GET", "/live?again=1", headers=ASKS))
            assert next(stream.iter_text()).startswith("retry: 1000\n")

        # One more is told how things are, and to come again.
        told = manager.get("/live?again=1", headers=ASKS).text
        assert told.startswith("retry: 20000\n")
        assert "event: now\n" in told
        assert manager.get("/").status_code == 200
