"""Whether systemd hears that a box's programs live, and what `doorman health` says of them."""

import contextlib
import json
import os
import signal
from pathlib import Path

import pytest

from tests.appliance.box import Box

PROGRAMS = ("gate", "portal", "dashboard", "jobs")


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    return Box(tmp_path_factory.mktemp("box"))


@pytest.fixture(scope="module")
def running(box):
    """The programs of a store without a firewall, by their names."""
    with contextlib.ExitStack() as stack:
        started = {name: stack.enter_context(box.running(name)) for name in PROGRAMS}
        for each in started.values():
            each.systemd.wait_for("READY=1")
        yield started
        # All at once, not one after the other.
        for each in started.values():
            each.process.terminate()


def health(box):
    answer = box.doorman("health", "--json")
    told = json.loads(answer.stdout)
    assert told["ok"] == (answer.returncode == 0)
    return {each["program"]: each["ok"] for each in told["programs"]}


def workers(pid):
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_each_program_lives(running):
    for each in running.values():
        each.systemd.wait_for("WATCHDOG=1")


def test_health_names_each_that_answers(running, box):
    assert health(box) == dict.fromkeys(("database", *PROGRAMS), True)


def test_a_web_program_whose_workers_hang_falls_silent_and_comes_back(running):
    portal = running["portal"]  # of several
    stopped = workers(portal.pid)
    assert stopped
    for each in stopped:
        os.kill(each, signal.SIGSTOP)
    # It asks every five seconds, and waits for two.
    assert portal.systemd.falls_silent_for(8)
    for each in stopped:
        os.kill(each, signal.SIGCONT)
    portal.systemd.wait_for("WATCHDOG=1")


def test_health_names_each_that_has_ended(running, box):
    for name in ("gate", "jobs"):
        running[name].process.terminate()
        running[name].systemd.wait_for("STOPPING=1")
        assert running[name].process.wait(30) == 0

    gone = {name: ok for name, ok in health(box).items() if not ok}
    assert gone == {"gate": False, "jobs": False}


def test_the_resolver_is_ready_lives_and_says_that_it_stops(box):
    with box.running("resolver") as resolver:
        resolver.systemd.wait_for("READY=1")
        resolver.systemd.wait_for("WATCHDOG=1")
        resolver.process.terminate()
        resolver.systemd.wait_for("STOPPING=1")
        assert resolver.process.wait(20) == 0
