import contextlib
import gc
import json
import socket
import subprocess
import threading
import time
import types

import pytest
from gunicorn.app.base import BaseApplication

from appliance.web_arbiter import WatchedArbiter
from appliance.web_log import WebLog
from appliance.web_worker import UnderWay, WatchedWorker
from core import log


@pytest.fixture
def hanging():
    """A request that gets no answer as long as the test lasts."""
    inside, end = threading.Event(), threading.Event()

    def application(_environ, _start_response):
        inside.set()
        assert end.wait(20)
        return []

    under_way = UnderWay(application)
    thread = threading.Thread(target=under_way, args=({}, None))
    thread.start()
    assert inside.wait(20)
    yield under_way
    end.set()
    thread.join()
    assert under_way.stuck(-1) == 0


def test_a_request_without_an_answer_is_counted(hanging):
    assert hanging.stuck(after_s=-1) == 1
    assert hanging.stuck(after_s=3600) == 0


def test_an_answer_that_has_begun_may_take_its_time():
    seen = []

    def application(_environ, start_response):
        start_response("200 OK", [])
        seen.append(under_way.stuck(-1))
        return []

    under_way = UnderWay(application)
    under_way({}, lambda *_: None)

    assert seen == [0]


@pytest.mark.parametrize(("threads", "signs"), [(2, 0), (4, 1)])
def test_a_worker_gives_no_sign_once_half_of_its_threads_hang(hanging, monkeypatch, threads, signs):
    given = []
    worker = WatchedWorker.__new__(WatchedWorker)
    worker._under_way = types.SimpleNamespace(stuck=lambda _after: hanging.stuck(-1))
    worker.cfg = types.SimpleNamespace(threads=threads)
    worker.tmp = types.SimpleNamespace(notify=lambda: given.append(1))
    worker.notify()

    assert len(given) == signs


@pytest.mark.parametrize(
    ("message", "values", "said"),
    [
        ("Worker (pid:%s) was sent %s!", (12, "SIGABRT"), "Worker (pid:12) was sent SIGABRT!"),
        ("Error handling request %s", ("/login?phone=13800138000",), "Error handling request"),
    ],
)
def test_what_the_server_says_names_no_page(capsys, message, values, said):
    log.configure()
    WebLog(types.SimpleNamespace()).error(message, *values)

    assert json.loads(capsys.readouterr().err)["event"] == said


class Worker:
    """What an arbiter knows of one."""

    def __init__(self, last_sign_s):
        self.aborted = False
        self.tmp = types.SimpleNamespace(
            last_update=lambda: time.monotonic() - last_sign_s, close=lambda: None
        )


@pytest.fixture
def crowded(tmp_path):
    """An arbiter whose question finds no room in the queue, and that has had an answer before."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        arbiter = WatchedArbiter.__new__(WatchedArbiter)
        arbiter.LISTENERS, arbiter.WORKERS = [listener], {}
        arbiter.timeout, arbiter.log = 30, WebLog(types.SimpleNamespace())
        arbiter.cfg = types.SimpleNamespace(is_ssl=False)
        arbiter._trusts_signs = True
        yield arbiter


@pytest.mark.parametrize(
    ("last_signs_s", "is_served"),
    [
        pytest.param([1, 25], True, id="one-works"),
        pytest.param([25, 25], False, id="all-hang"),
        pytest.param([-1e9], False, id="has-only-begun"),
        pytest.param([], False, id="none-there"),
    ],
)
def test_workers_too_busy_to_answer_are_known_by_their_signs(crowded, last_signs_s, is_served):
    crowded.WORKERS = {pid: Worker(each) for pid, each in enumerate(last_signs_s)}

    assert crowded.is_served() == is_served


def test_before_the_first_answer_signs_say_nothing(crowded):
    crowded._trusts_signs = False
    crowded.WORKERS = {1: Worker(1)}

    assert not crowded.is_served()


def test_workers_in_the_place_of_one_that_hung_have_to_answer(crowded):
    with subprocess.Popen(["sleep", "60"]) as hung:
        crowded.WORKERS = {hung.pid: Worker(31), 0: Worker(1)}
        crowded.murder_workers()
    del crowded.WORKERS[hung.pid]

    assert not crowded.is_served()
    with serving(crowded.LISTENERS[0]):
        assert crowded.is_served()
    assert crowded.is_served()


@contextlib.contextmanager
def serving(listener):
    """Answers one caller."""
    listener.listen()

    def answer():
        caller, _ = listener.accept()
        with caller:
            caller.recv(1000)
            caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    thread = threading.Thread(target=answer)
    thread.start()
    yield
    thread.join()
    listener.shutdown(socket.SHUT_RDWR)


class Loaded(BaseApplication):
    def load_config(self):
        self.cfg.set("preload_app", True)
        self.cfg.set("logger_class", WebLog)

    def load(self):
        return gc.get_freeze_count()


def test_what_is_loaded_before_the_workers_is_left_alone_by_their_collectors():
    program = Loaded()
    try:
        WatchedArbiter(program)
        frozen = gc.get_freeze_count()
    finally:
        gc.unfreeze()

    assert frozen > program.wsgi()
