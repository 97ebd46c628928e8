import datetime as dt
import json

import pytest

from analytics.sensor_news import SensorNews
from core import outbox, sensor_status
from core.events import contract
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sensor_status import Hearing, SensorStatus, State

MINUTE = dt.timedelta(minutes=1)


class Box:
    """A sensor that writes its status, and the job that reads it each minute."""

    def __init__(self, database, sealer, settings, now):
        self.database, self.sealer, self.settings, self.now = database, sealer, settings, now
        self.job = SensorNews()

    def say(self, state=State.HEARING, name="wlan1", problem=None, minutes=1):
        """The sensor is so for some minutes."""
        for _ in range(minutes):
            self.now += MINUTE
            sources = {name: Hearing(state, self.now, problem)}
            sensor_status.write(self.settings.data_dir, SensorStatus(self.now, sources))
            self.look()

    def look(self):
        self.job.turn(self.database, self.sealer, self.settings, self.now)

    def sent(self):
        """The CRM takes what waits."""
        with self.database.writing() as session:
            session.query(OutboxEvent).update({"state": OutboxState.SENT})

    def told(self):
        with self.database.reading() as session:
            rows = session.query(OutboxEvent).order_by(OutboxEvent.id)
            found = [json.loads(self.sealer.open(outbox.DATA, row.sealed_data)) for row in rows]
        for data in found:
            contract.DATA[EventType.SENSOR_HEALTH].model_validate_json(json.dumps(data))
        return [(data["sensor"], data["state"], data["problem"]) for data in found]


@pytest.fixture
def box(database, sealer, settings, now):
    return Box(database, sealer, settings, now)


def test_a_change_is_told_once(box):
    box.say(minutes=3)
    box.sent()
    box.say(State.SILENT, minutes=3)
    box.sent()
    box.say(State.HEARING, problem="wlan1: channel 6 alone", minutes=2)

    assert box.told() == [
        ("wlan1", "hearing", None),
        ("wlan1", "silent", None),
        ("wlan1", "hearing", "wlan1: channel 6 alone"),
    ]


def test_how_it_is_is_told_once_a_day(box):
    box.say()
    box.sent()
    box.now += dt.timedelta(days=1)
    box.say(minutes=2)

    assert box.told() == [("wlan1", "hearing", None)] * 2


def test_a_sensor_that_runs_no_longer_is_gone(box):
    box.say()
    box.sent()
    for _ in range(5):
        box.now += MINUTE
        box.look()

    assert box.told()[1:] == [("wlan1", "gone", "the sensor does not run")]


def test_while_the_crm_is_away_only_the_newest_waits(box):
    for state in (State.HEARING, State.GONE) * 5:
        box.say(state)
    box.say(name="door")

    assert box.told() == [("wlan1", "gone", None), ("door", "hearing", None)]


def test_a_store_without_a_sensor_tells_nothing(box):
    box.look()

    assert box.told() == []
