import signal
import threading

import pytest

from appliance import clockwork
from appliance.clockwork import Turn
from core.log import Log
from core.setting_groups.store import StoreSettings
from tests.metric_values import value

ZONE = StoreSettings().zone


def stop_us():
    """As from outside: the kernel hands a signal to the first thread if it can."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)


@pytest.fixture(autouse=True)
def _signals_as_before():
    handlers = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    yield
    for each, handler in handlers.items():
        signal.signal(each, handler)


def test_what_runs_at_the_end_is_finished_first():
    told, done = threading.Event(), []

    def tell():
        stop_us()
        told.set()

    def work():
        assert told.wait(20)
        done.append("work")

    turns = [Turn("work", 3600, work, at_start=True), Turn("tell", 3600, tell, at_start=True)]
    assert clockwork.run(turns, ZONE, Log("test")) is False
    assert done == ["work"]


def test_who_fails_is_asked_again_and_holds_up_nobody():
    calls = []

    def fail():
        calls.append("fail")
        raise RuntimeError

    def stop():
        if calls.count("fail") > 1:
            stop_us()

    turns = [Turn("fail", 1, fail, at_start=True), Turn("stop", 1, stop, at_start=True)]
    clockwork.run(turns, ZONE, Log("test"))
    assert calls.count("fail") > 1
    failed = value("doorman_job_runs_total", job_name="fail", outcome="failed")
    assert failed == calls.count("fail")
    assert value("doorman_job_runs_total", job_name="stop", outcome="done") > 0
    assert value("doorman_job_period_seconds", job_name="stop") == 1
    assert value("doorman_job_last_success_timestamp_seconds", job_name="stop") > 0
    assert value("doorman_job_last_success_timestamp_seconds", job_name="fail") == 0


def test_it_says_whether_it_ended_because_it_was_over():
    assert clockwork.run([], ZONE, Log("test"), lambda: True) is True
