import itertools
import os

import pytest

from core.sensor_status import Hearing, State
from sniffer.intake import Intake
from sniffer.source import Batch, Tick


class Pipe:
    """A source that hands out, as a batch's tally, each octet written to it."""

    def __init__(self, name="pipe"):
        self.name = name
        self.handle, self.entrance = os.pipe()
        self.tallies = {}
        self.is_closed = False
        self.state = State.HEARING

    def write(self, octets):
        os.write(self.entrance, octets)

    def reopen(self):
        self.handle, self.entrance = os.pipe()

    def fileno(self):
        return self.handle

    def read(self):
        for octet in os.read(self.handle, 2):
            if octet == 0:
                os.close(self.handle)
                os.close(self.entrance)
                self.handle = -1
                return
            yield Batch((), {self.name: octet})

    def look_after(self):
        tallies, self.tallies = self.tallies, {}
        return tallies

    def hearing(self):
        return {self.name: Hearing(self.state, None)}

    def close(self):
        self.is_closed = True
        if self.handle >= 0:
            os.close(self.handle)
            os.close(self.entrance)


@pytest.fixture
def pipes():
    return [Pipe("left"), Pipe("right")]


@pytest.fixture
def intake(pipes):
    with Intake(pipes, now_us=lambda: 7) as intake:
        yield intake


def batches(items, count):
    found = (item for item in items if isinstance(item, Batch))
    return [dict(batch.tallies) for batch in itertools.islice(found, count)]


def test_takes_from_each_source_in_turn(pipes, intake):
    left, right = pipes
    left.write(b"\x01\x02\x03\x04")
    right.write(b"\x09")

    heard = batches(iter(intake), 5)

    assert heard[:3] == [{"left": 1}, {"left": 2}, {"right": 9}], "a busy one keeps no other out"
    assert heard[3:] == [{"left": 3}, {"left": 4}]


def test_tells_what_was_counted_at_each_tick_once(pipes, intake):
    left, right = pipes
    left.tallies = {"dropped": 2, "source.left.dropped": 2}
    right.tallies = {"dropped": 1}
    items = iter(intake)

    assert next(items) == Tick({"dropped": 3, "source.left.dropped": 2}, 7)
    assert next(items) == Tick({}, 7)


def test_tells_for_how_long_at_least_one_source_heard(pipes):
    seconds = itertools.count()
    with Intake(pipes, monotonic=lambda: next(seconds), now_us=lambda: 1_800_000_007) as intake:
        items = iter(intake)
        heard = [next(items).tallies for _ in range(5)]
        pipes[0].state = State.SILENT
        by_one = [next(items).tallies for _ in range(2)]
        pipes[1].state = State.GONE
        by_none = [next(items).tallies for _ in range(2)]

    # Three looks at the clock from one tick to the next.
    assert heard == [{}] + 4 * [{"hearing.2": 3}]
    assert by_one == 2 * [{"hearing.2": 3}]
    assert by_none == 2 * [{}]


def test_waits_on_a_source_that_is_back_under_another_number(pipes, intake):
    left, right = pipes
    items = iter(intake)
    left.write(b"\x01\x00")
    assert batches(items, 1) == [{"left": 1}]
    right.write(b"\x05")
    assert batches(items, 1) == [{"right": 5}], "and it goes on without the one that is gone"

    left.reopen()
    left.write(b"\x02")
    assert batches(items, 1) == [{"left": 2}]


def test_ticks_without_any_source():
    with Intake([]) as intake:
        assert len(list(itertools.islice(intake, 2))) == 2


def test_says_how_each_source_is_doing(intake):
    assert intake.hearing() == {
        "left": Hearing(State.HEARING, None),
        "right": Hearing(State.HEARING, None),
    }


def test_closes_all_its_sources(pipes):
    with pytest.raises(ZeroDivisionError), Intake(pipes):
        raise ZeroDivisionError

    assert all(pipe.is_closed for pipe in pipes)
