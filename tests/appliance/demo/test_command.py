import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def wait_until(true, within_s=120):
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.1)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def children_of(pid):
    """Processes below `pid`, by the kernel's own list."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children_of(int(child))]
    return found


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True


def test_once_goes_the_whole_way_and_says_so(demo):
    process = demo("--once")
    output, errors = process.communicate(timeout=150)

    assert process.returncode == 0, errors
    outcome = json.loads(output)
    assert outcome["ok"] is outcome["shopper_online"] is True
    assert outcome["members"] == 1
    assert outcome["probe_requests"] > 1000
    assert outcome["visits"] > 10
    assert outcome["crm_events_received"] >= 2
    assert outcome["crm_events_lost"] == 0
    assert outcome["seconds"] > 0


def test_a_taken_port_is_named_with_what_to_do(demo, ports):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports["dashboard"]))
        taken.listen()
        process = demo("--once")
        output, errors = process.communicate(timeout=60)

    assert process.returncode == 1
    assert output == ""
    assert str(ports["dashboard"]) in errors
    assert "--dashboard-port" in errors


# By Ctrl-C every other test here ends it, which goes the way of SIGTERM.
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_leaves_nothing_running_however_it_ends(demo, ports, how):
    process = demo()
    wait_until(lambda: all(listens(port) for port in ports.values()))
    wait_until(lambda: "Ctrl-C" in process.stdout.readline())
    children = children_of(process.pid)
    assert len(children) >= 6

    os.kill(process.pid, how)
    process.wait(20)

    wait_until(lambda: all(is_gone(child) for child in children), 20)
    assert not any(listens(port) for port in ports.values())
