"""Days that do not last from midnight to midnight, and are not 24 hours long, from file to rows."""

import datetime as dt

import pytest
import sqlalchemy as sa

from analytics import rollup
from core import sightings
from core.clock import day_bounds
from core.models.traffic import TrafficDay, TrafficHour
from core.pseudonym import DayKeys
from core.settings import Settings
from sniffer.pseudonymiser import Pseudonymiser

INSIDE = -50


@pytest.fixture
def store(tmp_path):
    def make(time_zone, day_begins):
        store = {"time_zone": time_zone, "day_begins": day_begins}
        return Settings(data_dir=tmp_path / "data", store=store)

    return make


def hear(settings, begin, hours):
    """In each hour 40 devices, each inside for ten minutes: to day files, as the sensor writes."""
    days = Pseudonymiser(DayKeys(24), settings.store.zone, "sensor-1")
    files = {}
    for number in range(40 * hours):
        hour, minute = divmod(number, 40)
        for heard in range(11):
            at_us = (int(begin.timestamp()) + 3600 * hour + 60 * (minute + heard)) * 1_000_000
            row = sightings.Sighting(at_us, number, number, False, INSIDE, None, "sensor-1")
            files.setdefault(days.day_of(at_us), []).append(row)
    for day, rows in files.items():
        file = sightings.DayFile(settings.sightings_dir, day)
        file.append(rows, {})
        file.close()


def visitors(database, settings, now):
    """By day, and by local hour of each day, as they are rolled up and closed."""
    zone = settings.store.zone
    for day in sightings.days_in(settings.sightings_dir):
        rollup.roll_up(database, settings, day, now)
    with database.reading() as session:
        days = {row.day.isoformat(): row.visitors for row in session.scalars(sa.select(TrafficDay))}
        hours = {
            (row.day.day, row.start.astimezone(zone).strftime("%H%z")): row.visitors
            for row in session.scalars(sa.select(TrafficHour).order_by(TrafficHour.start))
            if row.visitors
        }
    return days, hours


def test_a_night_is_one_day_of_a_shop_that_closes_at_three(database, store):
    settings = store("Asia/Shanghai", "04:00")
    begin = dt.datetime(2026, 5, 16, 23, tzinfo=settings.store.zone)
    hear(settings, begin, 3)

    days, hours = visitors(database, settings, begin + dt.timedelta(hours=4))

    assert days == {"2026-05-16": 120}
    assert hours == {(16, "23+0800"): 40, (16, "00+0800"): 40, (16, "01+0800"): 40}


@pytest.mark.parametrize("begins", ["00:00", "04:00"])
@pytest.mark.parametrize(
    ("night", "hours"),
    [
        pytest.param(dt.date(2026, 3, 29), ["01+0100", "03+0200"], id="clocks-go-forward"),
        pytest.param(
            dt.date(2026, 10, 25), ["01+0200", "02+0200", "02+0100", "03+0100"], id="go-back"
        ),
    ],
)
def test_each_hour_of_a_night_in_which_clocks_change_has_its_own(
    database, store, begins, night, hours
):
    settings = store("Europe/Berlin", begins)
    zone = settings.store.zone
    begin = dt.datetime.combine(night, dt.time(1), zone)
    hear(settings, begin, len(hours))

    days, found = visitors(database, settings, begin + dt.timedelta(hours=9))

    its_day = night.day if begins == "00:00" else night.day - 1
    assert found == {(its_day, hour): 40 for hour in hours}
    assert days == {f"2026-{night.month:02}-{its_day:02}": 40 * len(hours)}
    first, end = day_bounds(dt.date(2026, night.month, its_day), zone)
    assert (end - first).seconds // 3600 in {23, 1}, "23 or 25 hours"


def test_a_day_is_closed_when_the_store_s_day_is_over(database, store, sealer):
    settings = store("Asia/Shanghai", "04:00")
    begin = dt.datetime(2026, 5, 16, 23, tzinfo=settings.store.zone)
    hear(settings, begin, 1)
    four = begin + dt.timedelta(hours=5)

    assert rollup.close_days(database, sealer, settings, four) == []
    assert rollup.close_days(database, sealer, settings, four + rollup.GRACE) == [
        dt.date(2026, 5, 16)
    ]
