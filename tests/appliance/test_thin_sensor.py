"""The sensor as one file, on a Python that has nothing beside its standard library."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from appliance import thin_sensor
from core import clock, sightings
from core.settings import Settings
from sniffer.remote.authority import Authority
from tests.lab.namespace import Namespace
from tests.sniffer.air import OTHERS, on_air
from tests.sniffer.octets import probe_request

PATIENCE_S = 60
PORT = 8444
PHONE = bytes.fromhex("da0000000a11")
# -I: none of this checkout; -S: none of its environment.
BARE = [sys.executable, "-I", "-S"]


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "doorman-sensor.pyz"
    path.write_bytes(thin_sensor.made())
    return path


def test_is_the_same_file_each_time():
    assert thin_sensor.made() == thin_sensor.made()


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        pytest.param(["--help"], 0, "--send-to", id="asked how"),
        pytest.param(["mon0"], 2, "--send-to", id="nowhere to send"),
        pytest.param(["--hop-every=nan", "mon0"], 2, "2 to 300", id="no time"),
        pytest.param(
            ["--send-to=127.0.0.1:1", "--bundle=none.pem", "mon0"], 1, "none.pem", id="no bundle"
        ),
    ],
)
def test_says_what_it_needs(program, arguments, status, word):
    ended = subprocess.run(
        [*BARE, program, *arguments], capture_output=True, text=True, check=False, env={}
    )

    assert ended.returncode == status
    assert word in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def heard_by(settings):
    with contextlib.suppress(FileNotFoundError, sqlite3.OperationalError):
        today = settings.today(clock.now())
        with sightings.reading(settings.sightings_dir, today) as connection:
            return connection.execute("SELECT DISTINCT sensor, address FROM sightings").fetchall()
    return []


@pytest.mark.lab
@pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot make a network namespace")
def test_what_it_hears_on_the_air_is_in_the_boxs_day_file(program, tmp_path):
    settings = Settings(data_dir=tmp_path / "box")
    bundle = tmp_path / "corner.pem"
    bundle.touch(0o600)
    settings.data_dir.mkdir()
    bundle.write_bytes(Authority(settings.data_dir / "sensors").add("corner", clock.now()))
    environment = {
        **os.environ,
        "DOORMAN_DATA_DIR": str(settings.data_dir),
        "DOORMAN_SENSOR__LISTEN": f"127.0.0.1:{PORT}",
    }
    with Namespace(f"doorman-thin-{os.getpid()}") as namespace, on_air(namespace, "mon0") as radio:
        doorman = Path(sys.executable).with_name("doorman")
        # Somebody follows, so that the box writes what comes at once.
        (settings.data_dir / "followed").touch()
        namespace.start([doorman, "sensor"], tmp_path / "box.log", environment)
        thin = namespace.start(
            [*BARE, program, f"--send-to=127.0.0.1:{PORT}", f"--bundle={bundle}", "mon0"],
            tmp_path / "thin.log",
            {},
        )
        deadline = time.monotonic() + PATIENCE_S
        while not (found := heard_by(settings)):
            assert time.monotonic() < deadline, (tmp_path / "thin.log").read_text()
            (settings.data_dir / "followed").touch()
            radio.play(*OTHERS, probe_request(sender=PHONE))
            time.sleep(0.1)
        thin.send_signal(signal.SIGTERM)
        assert thin.wait(PATIENCE_S) == 0
        assert not radio.sent(within_s=0)

    assert [sensor for sensor, _ in found] == ["corner"]
    assert PHONE.hex() not in (tmp_path / "thin.log").read_text().replace(":", "").lower()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "box",
        "box.log",
        "corner.pem",
        "doorman-sensor.pyz",
        "thin.log",
    ]
