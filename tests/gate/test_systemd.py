import os
import socket

import pytest

from gate.systemd import ServiceManager


class Clock:
    seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def systemd(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.setblocking(False)
        yield systemd


def heard(systemd):
    messages = []
    try:
        while True:
            messages.append(systemd.recv(1000).decode())
    except BlockingIOError:
        return messages


@pytest.mark.parametrize("is_abstract", [False, True])
def test_tells_what_it_is_asked_to(systemd, tmp_path, is_abstract):
    name = f"@doorman-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    systemd.bind(name.replace("@", "\0"))
    manager = ServiceManager({"NOTIFY_SOCKET": name})

    manager.ready()
    manager.say("mon0 hearing")
    manager.say("mon0 hearing")
    manager.live()
    manager.stopping()

    assert heard(systemd) == ["READY=1", "STATUS=mon0 hearing", "STOPPING=1"]


@pytest.mark.parametrize(
    ("pid", "signs"),
    [
        pytest.param(None, 3, id="for whoever it started"),
        pytest.param(os.getpid(), 3, id="for us"),
        pytest.param(1, 0, id="for another process"),
    ],
)
def test_gives_signs_of_life_well_before_it_is_taken_for_dead(systemd, tmp_path, pid, signs):
    systemd.bind(str(tmp_path / "notify"))
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "60000000"}
    if pid is not None:
        environment["WATCHDOG_PID"] = str(pid)
    clock = Clock()
    manager = ServiceManager(environment, monotonic=clock)

    for _ in range(80):
        manager.live()
        clock.seconds += 0.5

    assert heard(systemd) == ["WATCHDOG=1"] * signs


def test_is_silent_without_systemd_and_when_it_is_gone(tmp_path):
    ServiceManager({}).ready()
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).ready()
