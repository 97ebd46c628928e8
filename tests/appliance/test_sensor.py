"""The sensor as it runs in a store, on interfaces that need no radio."""

import contextlib
import os
import signal
import socket
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from core import clock, sensor_status, sightings
from core.sensor_status import State
from core.settings import Settings
from tests.lab.namespace import Namespace
from tests.sniffer.air import ETHERNET, OTHERS, RADIOTAP, on_air
from tests.sniffer.octets import probe_request

PATIENCE_S = 60

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot make a network namespace"),
]


def until(is_so):
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def namespace():
    with Namespace(f"doorman-sensor-{os.getpid()}") as namespace:
        # The kernel itself would send, on an interface that turns into an ordinary one.
        namespace.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
        yield namespace


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def states(settings):
    def states():
        status = sensor_status.read(settings.data_dir)
        return {name: each.state for name, each in status.sources.items()} if status else {}

    return states


@pytest.fixture
def day_file(settings):
    """What today's file has for a query; nothing as long as there is none."""

    def day_file(query):
        with contextlib.suppress(FileNotFoundError, sqlite3.OperationalError):
            today = settings.today(clock.now())
            with sightings.reading(settings.sightings_dir, today) as connection:
                return connection.execute(query).fetchall()
        return []

    return day_file


@pytest.fixture
def start(namespace, tmp_path, settings):
    """Starts the sensor on two interfaces; the path of its log."""

    def start():
        environment = {
            **os.environ,
            "DOORMAN_DATA_DIR": str(settings.data_dir),
            "DOORMAN_SENSOR__INTERFACES": '["mon0", "mon1"]',
            "NOTIFY_SOCKET": str(tmp_path / "systemd"),
        }
        command = [Path(sys.executable).with_name("doorman"), "sensor"]
        return namespace.start(command, tmp_path / "log", environment)

    return start


class Air:
    """Both interfaces, and what the sensor makes of them."""

    def __init__(self, states):
        self.states = states
        self.radios = {}

    def hears_on(self, *names):
        """Whether the sensor hears on these, and on these alone."""
        for name in names:
            self.radios[name].play(*OTHERS, probe_request())
        states = self.states()
        return {name for name, state in states.items() if state is State.HEARING} == set(names)


def what_the_kernel_says_of(pid):
    told = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        told[name] = value.split()
    for line in Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]:
        name, _, counters = line.partition(":")
        told[f"{name.strip()} sent"] = counters.split()[9]
    return told


def test_hears_on_two_interfaces_and_outlives_the_loss_of_either(
    namespace, start, states, day_file, tmp_path
):
    air = Air(states)
    with contextlib.ExitStack() as stack:
        systemd = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        systemd.settimeout(PATIENCE_S)
        systemd.bind(str(tmp_path / "systemd"))

        def plug_in(name):
            air.radios[name] = stack.enter_context(on_air(namespace, name))

        def turn_into(name, link_type):
            namespace.run("ip", "link", "set", name, "down")
            air.radios[name].become(link_type)
            namespace.run("ip", "link", "set", name, "up")

        plug_in("mon0")
        plug_in("mon1")
        sensor = start()
        assert b"READY=1" in [systemd.recv(200) for _ in range(2)]
        until(lambda: air.hears_on("mon0", "mon1"))

        air.radios["mon0"].remove()
        until(lambda: air.hears_on("mon1"))
        plug_in("mon0")
        until(lambda: air.hears_on("mon0", "mon1"))

        turn_into("mon1", ETHERNET)
        until(lambda: air.hears_on("mon0"))
        turn_into("mon1", RADIOTAP)
        until(lambda: air.hears_on("mon0", "mon1"))

        told = what_the_kernel_says_of(sensor.pid)
        sensor.send_signal(signal.SIGTERM)
        assert sensor.wait(PATIENCE_S) == 0
        assert not any(radio.sent(within_s=0) for radio in air.radios.values())

    assert told["mon0 sent"] == told["mon1 sent"] == "0"
    assert told["Seccomp"] == ["2"], "it could not even if it would"
    assert told["VmLck"] != ["0", "kB"]
    assert len(day_file("SELECT DISTINCT address FROM sightings")) == 1, "one key all along"
    tallies = dict(day_file("SELECT name, value FROM tallies"))
    assert tallies["duplicates"] > 0
    assert tallies["source.mon0.gone"] == tallies["source.mon1.gone"] == 1
