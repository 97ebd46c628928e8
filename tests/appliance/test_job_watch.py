import threading
import time

import pytest

from appliance.job_watch import LONGEST_S, STILL_S, JobWatch


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watch(clock):
    return JobWatch(clock)


@pytest.fixture
def job(watch):
    """A job in a thread of its own. It waits, or works as long as `work` is set."""
    begun, work, worked, stop = (threading.Event() for _ in range(4))

    def run():
        with watch.over("close days"):
            begun.set()
            while not stop.is_set():
                # Without a time-out: who waits so uses no processor at all.
                work.wait()
                work.clear()
                deadline = time.thread_time() + 0.001
                while time.thread_time() < deadline:
                    pass
                worked.set()

    class Job:
        def do_something(self):
            worked.clear()
            work.set()
            assert worked.wait(20)

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(20)
    # Until it waits.
    Job().do_something()
    yield Job()
    stop.set()
    work.set()
    thread.join()


def after(watch, clock, seconds):
    """What is amiss, looked at every few seconds while the clock of the jobs goes."""
    end = clock.seconds + seconds
    while clock.seconds < end:
        clock.seconds += 20
        watch.beat()
        trouble = watch.trouble()
    return trouble


def test_a_job_that_waits_for_what_does_not_come_is_named(watch, clock, job):
    assert after(watch, clock, STILL_S - 60) == ""
    assert after(watch, clock, 120) == "a job stands still: close days"


def test_a_job_that_works_on_is_left_alone_for_hours(watch, clock, job):
    for _ in range(5):
        job.do_something()
        assert after(watch, clock, STILL_S - 60) == ""


def test_a_job_that_never_ends_is_named(watch, clock, job):
    rounds = int(LONGEST_S / STILL_S) + 2
    troubles = []
    for _ in range(rounds):
        job.do_something()
        troubles.append(after(watch, clock, STILL_S))

    assert troubles[-1] == "a job runs without end: close days"


def test_a_clock_that_does_not_go_is_noticed(watch, clock):
    clock.seconds += 59
    assert watch.trouble() == ""
    clock.seconds += 2
    assert watch.trouble() == "the clock of the jobs stands still"


def test_nothing_is_said_of_jobs_that_are_done(watch, clock):
    with watch.over("send"):
        assert not watch.is_idle

    assert watch.is_idle
    assert after(watch, clock, 2 * LONGEST_S) == ""
