import threading

import pytest

from gate.vital_signs import Loops, Tasks


class Clock:
    seconds = 50.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


def test_a_program_lives_as_long_as_each_of_its_loops_turns(clock):
    told = []
    loops = Loops(
        ["router", "test"], lambda: told.append(clock.seconds), within_s=10, monotonic=clock
    )
    for clock.seconds in range(50, 80, 5):
        loops.turned("test")
        if clock.seconds == 60:
            loops.turned("router")

    assert told == [50, 55, 60, 60, 65, 70]


def test_work_that_does_not_end_is_noticed(clock):
    tasks, begun, end = Tasks(within_s=10, monotonic=clock), threading.Event(), threading.Event()

    def work():
        with tasks:
            begun.set()
            assert end.wait(20)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(20)
    clock.seconds += 10
    with tasks:
        assert tasks.all_end
    clock.seconds += 1
    assert not tasks.all_end
    end.set()
    thread.join()
    assert tasks.all_end
