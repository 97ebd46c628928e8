"""Whether systemd hears that programs serve and live, and no longer hears it when they hang."""

import http.client
import os
import signal

import pytest

from tests.appliance.box import Box


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    return Box(tmp_path_factory.mktemp("box"))


@pytest.mark.parametrize("program", ["resolver", "jobs"])
def test_a_program_is_ready_lives_and_says_that_it_stops(box, program):
    with box.running(program) as running:
        running.systemd.wait_for("READY=1")
        running.systemd.wait_for("WATCHDOG=1")
        running.process.terminate()
        running.systemd.wait_for("STOPPING=1")
        assert running.process.wait(20) == 0


def workers(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as children:  # noqa: PTH123 - no file of a disk
        return [int(each) for each in children.read().split()]


def test_a_web_program_whose_workers_hang_falls_silent_and_comes_back(box):
    with box.running("dashboard") as running:
        running.systemd.wait_for("READY=1")
        asking = http.client.HTTPConnection("127.0.0.1", box.dashboard_port, timeout=10)
        asking.request("GET", "/health")
        assert asking.getresponse().status == 200
        running.systemd.wait_for("WATCHDOG=1")
        stopped = workers(running.pid)
        assert stopped
        for each in stopped:
            os.kill(each, signal.SIGSTOP)
        assert running.systemd.falls_silent_for(8)
        for each in stopped:
            os.kill(each, signal.SIGCONT)
        running.systemd.wait_for("WATCHDOG=1")
