import json
import socket

import pytest

from tests.appliance.demo.family import children_of, is_gone, listens, wait_until

pytestmark = pytest.mark.slow


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


# By SIGTERM it is ended in test_in_a_browser.py; by Ctrl-C every other test here ends it.
def test_leaves_nothing_running_if_it_is_killed(demo, ports):
    process = demo()
    wait_until(lambda: all(listens(port) for port in ports.values()))
    wait_until(lambda: "Ctrl-C" in process.stdout.readline())
    children = children_of(process.pid)
    assert len(children) >= 6

    process.kill()
    process.wait(20)

    wait_until(lambda: all(is_gone(child) for child in children), 20)
    assert not any(listens(port) for port in ports.values())
