import datetime as dt
import json

import pytest

from analytics import rollup
from core import outbox, sightings
from core.clock import day_bounds
from core.events import contract
from core.models.outbox_event import OutboxEvent
from core.models.traffic import TrafficDay
from core.outbox import EventType
from tests.analytics.conftest import stays

TODAY = dt.date(2026, 5, 16)
HOUR = dt.timedelta(hours=1)


class Jobs:
    """Rolls the day up when told to, and reads what the CRM will hear."""

    def __init__(self, database, sealer, settings):
        self.database, self.sealer, self.settings = database, sealer, settings
        self.begin, self.end = day_bounds(TODAY, settings.store.zone)

    def roll_up(self, hours, minutes=0):
        at = self.begin + dt.timedelta(hours=hours, minutes=minutes)
        rollup.roll_up(self.database, self.settings, TODAY, at, sealer=self.sealer)

    def close(self):
        rollup.close_days(self.database, self.sealer, self.settings, self.end + rollup.GRACE)

    def told(self, kind=EventType.TRAFFIC_HOUR):
        with self.database.reading() as session:
            rows = session.query(OutboxEvent).filter_by(type=kind.value).order_by(OutboxEvent.id)
            found = [json.loads(self.sealer.open(outbox.DATA, row.sealed_data)) for row in rows]
        for data in found:
            contract.DATA[kind].model_validate_json(json.dumps(data))
        return found

    def hours(self):
        return [dt.datetime.fromisoformat(each["start"]).hour for each in self.told()]


@pytest.fixture
def jobs(any_database, sealer, settings):
    return Jobs(any_database, sealer, settings)


def test_an_hour_is_told_once_when_it_has_settled(jobs, shop_day):
    shop_day(TODAY)
    jobs.roll_up(11, 14)
    assert jobs.hours() == list(range(10))
    for minutes in (15, 16, 50):
        jobs.roll_up(11, minutes)

    assert jobs.hours() == list(range(11))
    ten = jobs.told()[-1]
    assert (ten["passers_by"], ten["visitors"], ten["inside_mean"]) == (10, 10, None)
    assert (ten["withheld_below"], ten["day"]) == (5, "2026-05-16")


def test_what_is_too_small_is_withheld(jobs, day_file):
    day_file(TODAY, stays(1, 600, 620, -50))
    jobs.roll_up(12)

    ten = jobs.told()[10]
    assert (ten["passers_by"], ten["visitors"]) == (None, None)


def test_the_closing_day_tells_the_hours_that_are_left_and_has_the_last_word(
    jobs, shop_day, day_file
):
    shop_day(TODAY)
    jobs.roll_up(12)
    # A sensor hands in late what it heard at ten.
    day_file(TODAY, [(610, 9000 + device, -80) for device in range(10)])
    jobs.roll_up(13)
    jobs.close()

    assert jobs.hours() == list(range(24))
    ten, [day] = jobs.told()[10], jobs.told(EventType.TRAFFIC_DAY)
    assert (ten["passers_by"], day["hours"][10]["passers_by"]) == (10, 20)
    assert ten["updated_at"] < day["updated_at"]


def test_nothing_is_told_of_hours_in_strict_mode(jobs, settings):
    ten_us = int((jobs.begin + 10 * HOUR).timestamp()) * 1_000_000
    windows = [sightings.WindowCount(ten_us + number * 240_000_000, 20, 8) for number in range(15)]
    file = sightings.DayFile(settings.sightings_dir, TODAY)
    file.append((), {"frames": 500}, windows)
    file.close()
    jobs.roll_up(15)
    jobs.close()

    assert jobs.told() == []


def test_what_waits_of_an_hour_gives_way_to_what_is_newer(jobs, shop_day):
    """As after a clock that was set back."""
    shop_day(TODAY)
    jobs.roll_up(12)
    with jobs.database.writing() as session:
        session.query(TrafficDay).update({"updated_at": jobs.begin + 10 * HOUR})
    jobs.roll_up(12, 30)

    assert jobs.hours() == list(range(12))
    updates = [each["updated_at"] for each in jobs.told()]
    assert updates == sorted(updates)


def test_an_hour_is_known_by_its_start(jobs, shop_day):
    shop_day(TODAY)
    jobs.roll_up(2)

    with jobs.database.reading() as session:
        [event] = session.query(OutboxEvent)
    assert event.subject == jobs.told()[0]["start"] == "2026-05-16T00:00:00+08:00"
