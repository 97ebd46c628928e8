"""The sensor with a plan of channels for an interface that is no radio."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from core import sensor_status
from core.sensor_status import State
from tests.lab.namespace import Namespace
from tests.sniffer.air import on_air
from tests.sniffer.octets import probe_request

PATIENCE_S = 60

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot make a network namespace"),
]


@pytest.fixture
def namespace():
    with Namespace(f"doorman-hop-{os.getpid()}") as namespace:
        yield namespace


@pytest.fixture
def start(namespace, tmp_path):
    """Starts the sensor on mon0 with a plan; it logs to `log`."""

    def start(plan):
        environment = {
            **os.environ,
            "DOORMAN_DATA_DIR": str(tmp_path),
            "DOORMAN_SENSOR__INTERFACES": '["mon0"]',
            "DOORMAN_SENSOR__HOPPING": json.dumps([plan]),
        }
        command = [Path(sys.executable).with_name("doorman"), "sensor"]
        return namespace.start(command, tmp_path / "log", environment)

    return start


def test_a_sensor_that_cannot_choose_its_channel_hears_where_it_is(namespace, start, tmp_path):
    with on_air(namespace, "mon0") as radio:
        sensor = start("slow 1 6 11")
        deadline = time.monotonic() + PATIENCE_S
        state = None
        while state is not State.HEARING:
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            radio.play(probe_request())
            status = sensor_status.read(tmp_path)
            state = status.sources["mon0"].state if status else None
            time.sleep(0.05)
        sensor.send_signal(signal.SIGTERM)
        assert sensor.wait(PATIENCE_S) == 0

    told = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    problems = [line["problem"] for line in told if line["part"] == "radio"]
    assert len(problems) == 1
    assert problems[0].startswith("mon0 cannot be ")


def test_a_plan_that_is_none_stops_the_start_and_is_named(start, tmp_path):
    sensor = start("slow 1 99")

    assert sensor.wait(PATIENCE_S) == 1
    assert "'slow 1 99': 99 is neither a channel's number" in (tmp_path / "log").read_text()
