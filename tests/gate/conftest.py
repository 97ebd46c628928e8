import contextlib
import threading
import time

import pytest

from gate.recording import RecordingGate
from gate.server import serve


@pytest.fixture
def socket_path(tmp_path):
    return tmp_path / "gate.sock"


@pytest.fixture
def recording():
    return RecordingGate()


@contextlib.contextmanager
def serving(socket_path, gate, allowed_uids=(), *, takes_turns=True):
    """A server in a thread, stopped and waited for at the end."""
    stop_event = threading.Event()
    thread = threading.Thread(
        target=serve,
        args=(socket_path, gate, allowed_uids, stop_event),
        kwargs={"takes_turns": takes_turns},
    )
    before = socket_path.stat().st_ino if socket_path.exists() else None
    thread.start()
    try:
        deadline = time.monotonic() + 5
        while not socket_path.exists() or socket_path.stat().st_ino == before:
            assert time.monotonic() < deadline
            assert thread.is_alive()
            time.sleep(0.005)
        yield
    finally:
        stop_event.set()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def running(socket_path, recording):
    with serving(socket_path, recording):
        yield socket_path
