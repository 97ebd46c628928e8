import contextlib
import signal
import socket
import subprocess
import types
from pathlib import Path

import pytest

from appliance.web_alone import LoneWorker
from appliance.web_log import WebLog
from appliance.web_server import Place, arguments
from tests.appliance.systemd import Systemd

ROOT = Path(__file__).parents[2]
BODY = b"a=b"
HEAD = b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(BODY)


@pytest.fixture
def systemd(tmp_path):
    with Systemd(tmp_path / "notify") as systemd:
        yield systemd


@pytest.fixture
def server(tmp_path, systemd):
    """One worker, behind a web server; ready."""
    command = arguments(
        "tests.attack.greeting:create()", Place("127.0.0.1", 1, threads=2), tmp_path / "socket"
    )
    command.append("--graceful-timeout=1")
    with subprocess.Popen(command, cwd=ROOT, env=systemd.environment(watchdog_s=1)) as server:
        try:
            systemd.wait_for("READY=1")
            yield server
        finally:
            server.kill()


@contextlib.contextmanager
def half_asked(path):
    """A caller for whose form a thread waits."""
    with socket.socket(socket.AF_UNIX) as caller, socket.socket(socket.AF_UNIX) as later:
        for each in caller, later:
            each.settimeout(20)
            each.connect(str(path))
        caller.sendall(HEAD)
        # They are taken in their order: once the later one has its answer, the other is inside.
        later.sendall(HEAD + BODY)
        assert later.recv(1000)
        yield caller


def test_one_worker_needs_no_other_process(server, systemd):
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()

    assert children == []
    systemd.wait_for("WATCHDOG=1")


def test_told_to_end_it_answers_who_has_begun_and_takes_nobody_else(server, systemd, tmp_path):
    with half_asked(tmp_path / "socket") as caller:
        server.send_signal(signal.SIGTERM)
        systemd.wait_for("STOPPING=1")
        assert not (tmp_path / "socket").exists()
        caller.sendall(BODY)

        assert b"3 octets" in b"".join(iter(lambda: caller.recv(1000), b""))
    assert server.wait(20) == 0


def test_who_never_finishes_does_not_keep_it_from_ending(server, tmp_path):
    with half_asked(tmp_path / "socket"):
        server.send_signal(signal.SIGTERM)

        # A thread waits for the rest of the form still.
        assert server.wait(20) == 0


@pytest.fixture
def worker():
    """One in its loop; `stuck` of its four threads hang."""
    worker = LoneWorker.__new__(LoneWorker)
    worker.cfg = types.SimpleNamespace(threads=4)
    worker.alive, worker.hung, worker.signs = True, False, []
    worker.log = WebLog(types.SimpleNamespace())
    worker._service = types.SimpleNamespace(serving=lambda: worker.signs.append(1))
    return worker


@pytest.mark.parametrize(("stuck", "goes_on"), [(1, True), (2, False)])
def test_it_gives_up_once_half_of_its_threads_hang(worker, stuck, goes_on):
    worker._under_way = types.SimpleNamespace(stuck=lambda _after: stuck)

    worker.notify()

    assert (worker.alive, worker.hung, bool(worker.signs)) == (goes_on, not goes_on, goes_on)


def test_a_program_that_cannot_load_says_so_and_fails(tmp_path):
    command = arguments("tests.attack.absent:create()", Place("127.0.0.1", 1), tmp_path / "socket")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "tests.attack.absent" in done.stderr
    assert not (tmp_path / "socket").exists()
