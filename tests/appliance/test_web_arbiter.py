import gc
import json
import threading
import types

import pytest
from gunicorn.app.base import BaseApplication

from appliance.web_arbiter import UnderWay, WatchedArbiter, WatchedWorker, WebLog
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
