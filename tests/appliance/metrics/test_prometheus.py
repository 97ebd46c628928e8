"""A real Prometheus fetches the metrics of a real dashboard, and they mean to it what we say."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from analytics.api import tokens
from core import clock, migrate, secret_file
from core.database import Database
from core.metrics import files
from core.models.api_token import Scope
from tests import free_ports

ROOT = Path(__file__).parents[3]
COUNT = "from core.metrics import counted; counted.GATE_REQUESTS.add('refused', amount=3)"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A dashboard as `doorman dashboard` starts it, with a program that has counted beside it."""
    folder = tmp_path_factory.mktemp("store")
    (folder / "metrics").mkdir()
    [port] = free_ports.find(1)
    environment = {
        **os.environ,
        "DOORMAN_DATA_DIR": str(folder / "data"),
        "DOORMAN_RUN_DIR": str(folder / "run"),
        "DOORMAN_DASHBOARD__PORT": str(port),
        files.VARIABLE: str(folder / "metrics"),
    }

    database = Database(f"sqlite:///{folder / 'data/doorman.sqlite'}")
    migrate.upgrade(database)
    secret_file.load_or_create(folder / "data")
    sealer = secret_file.open_sealer(folder / "data")
    token = tokens.make(database, sealer, "prometheus", 30, clock.now(), scope=Scope.METRICS)
    database.dispose()
    subprocess.run([sys.executable, "-c", COUNT], env=environment, cwd=ROOT, check=True)
    command = [sys.executable, "-m", "appliance", "dashboard"]
    dashboard = subprocess.Popen(command, env=environment, cwd=ROOT)
    yield f"127.0.0.1:{port}", token
    dashboard.send_signal(signal.SIGTERM)
    dashboard.wait(30)


@pytest.fixture(scope="module")
def prometheus(store, tmp_path_factory):
    if not shutil.which("prometheus"):
        pytest.skip("Prometheus is not installed (apt-get install prometheus)")
    folder = tmp_path_factory.mktemp("prometheus")
    target, token = store
    (folder / "token").write_text(token)
    [port] = free_ports.find(1)
    # What is not ours (alerts, files of targets) has its tests in tests/deploy/monitoring.
    document = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [
            {
                "job_name": "doorman",
                "authorization": {"credentials_file": "token"},
                "static_configs": [{"targets": [target], "labels": {"store": "s1"}}],
            }
        ],
    }
    (folder / "prometheus.yml").write_text(json.dumps(document))
    server = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
    )
    yield f"http://127.0.0.1:{port}"
    server.send_signal(signal.SIGTERM)
    server.wait(30)


def ask(prometheus, expression):
    asked = urllib.parse.urlencode({"query": expression})
    with urllib.request.urlopen(f"{prometheus}/api/v1/query?{asked}", timeout=10) as answer:
        found = json.load(answer)["data"]["result"]
    return [(each["metric"], float(each["value"][1])) for each in found]


def wait_for(prometheus, expression):
    """What it answers once it answers anything."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            found = ask(prometheus, expression)
        except (urllib.error.URLError, ConnectionError):
            found = []
        if found:
            return found
        time.sleep(0.1)
    pytest.fail(f"Prometheus answers nothing to {expression}")


def test_prometheus_fetches_what_a_store_measures(prometheus):
    wait_for(prometheus, 'up{job="doorman"} == 1')

    [(labels, value)] = ask(prometheus, "doorman_gate_up")
    assert (labels["store"], value) == ("s1", 0)
    [(_, refused)] = ask(prometheus, 'doorman_gate_requests_total{outcome="refused"}')
    assert refused == 3
    failed = {each["collector"] for each, _ in ask(prometheus, "doorman_collector_success == 0")}
    # Whether chrony runs is this machine's affair.
    assert failed <= {"clock"}
