import datetime as dt

import pytest

from appliance.sensor_watch import SensorWatch
from core import sensor_status
from core.sensor_status import Hearing, SensorStatus, State
from sniffer.source import Batch, Tick


class Manager:
    def __init__(self):
        self.told = []

    def ready(self):
        self.told.append("ready")

    def live(self):
        self.told.append("live")

    def say(self, status):
        self.told.append(status)


class Machine:
    """Time, and an interface, as they are at each tick."""

    def __init__(self, now):
        self.now = now
        self.state = State.HEARING

    def hearing(self):
        return {"mon0": Hearing(self.state, self.now)}


@pytest.fixture
def machine(now):
    return Machine(now)


@pytest.fixture
def manager():
    return Manager()


@pytest.fixture
def watch(tmp_path, machine, manager):
    return SensorWatch(tmp_path, machine.hearing, manager, now=lambda: machine.now)


def test_is_ready_when_the_sensor_has_taken_its_first_tick(watch, manager):
    items = watch.over([Batch(()), Tick(), Tick()])

    assert (next(items), manager.told) == (Batch(()), [])
    assert (next(items), manager.told) == (Tick(), [])
    next(items)
    assert manager.told == ["live", "mon0 hearing", "ready"]


def test_gives_no_sign_of_life_for_a_sensor_that_takes_nothing_any_more(watch, manager):
    items = watch.over(iter(Tick, None))
    for _ in range(3):
        next(items)

    assert manager.told.count("live") == 2


def test_writes_the_status_now_and_then(watch, machine, tmp_path, now):
    written = []
    items = watch.over(iter(Tick, None))
    for _ in range(60):
        next(items)
        machine.now += dt.timedelta(seconds=1)
        status = sensor_status.read(tmp_path)
        written.append(status and status.told_at)

    assert len(set(written[1:])) == 4


def test_writes_at_once_what_has_changed(watch, machine, manager, tmp_path, now):
    items = watch.over(iter(Tick, None))
    next(items)
    next(items)
    machine.state = State.GONE
    next(items)

    assert sensor_status.read(tmp_path) == SensorStatus(now, {"mon0": Hearing(State.GONE, now)})
    assert manager.told[-1] == "mon0 gone"


def test_goes_on_when_the_disk_refuses_and_logs_it_once(watch, tmp_path, machine, caplog):
    (tmp_path / "sensor-status.json.new").mkdir()
    items = watch.over(iter(Tick, None))
    for _ in range(40):
        next(items)
        machine.now += dt.timedelta(seconds=1)

    assert [record.message for record in caplog.records] == ["the status cannot be written"]
