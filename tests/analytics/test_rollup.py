import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics import rollup
from analytics.figures import report
from analytics.visits.running_day import RunningDay
from core import outbox, sightings
from core.clock import day_bounds
from core.models.outbox_event import OutboxEvent
from core.models.traffic import PresenceHour, TrafficDay, TrafficHour, TrafficNow
from core.settings import Settings
from tests.analytics.conftest import stays

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 5, 16)
YESTERDAY = dt.date(2026, 5, 15)
# One o'clock in Shanghai: yesterday is over, its last batches are in.
MORNING = dt.datetime(2026, 5, 15, 17, tzinfo=dt.UTC)


@pytest.fixture
def close(settings, sealer):
    """Closes days, in the morning unless told otherwise."""

    def run(database, now=MORNING, *, force=False):
        return rollup.close_days(database, sealer, settings, now, force=force)

    return run


def rows(database, table):
    with database.reading() as session:
        return session.scalars(sa.select(table)).all()


def days_told(database):
    return [row for row in rows(database, OutboxEvent) if row.type == outbox.EventType.TRAFFIC_DAY]


def files(settings):
    return sorted(path.name for path in settings.sightings_dir.iterdir())


def test_rolls_a_day_up_into_hours_and_a_day(any_database, settings, shop_day, now):
    shop_day(TODAY)

    done = rollup.roll_up(any_database, settings, TODAY, now + dt.timedelta(hours=2))

    assert done == rollup.RolledUp(TODAY, probe_requests=200, passers_by=24, visitors=16)
    [day] = rows(any_database, TrafficDay)
    assert (day.dwell_median_s, day.dwell_20_to_60_min, day.fixtures) == (1200, 16, 0)
    assert day.closed_at is None
    busy = {
        hour.start.astimezone(settings.store.zone).hour: (
            (hour.passers_by, hour.visitors, hour.entries, hour.bounces),
            hour.inside_mean,
        )
        for hour in rows(any_database, TrafficHour)
        if hour.visitors
    }
    assert busy == dict.fromkeys((10, 15), ((12, 8, 8, 0), 2.67))
    assert (day.entries, day.bounces, day.inside_dbm, day.heard_s) == (16, 0, -65, None)


def test_rolling_up_again_gives_the_same_rows(any_database, settings, shop_day, now):
    shop_day(TODAY)
    rollup.roll_up(any_database, settings, TODAY, now)
    first = [(hour.start, hour.visitors) for hour in rows(any_database, TrafficHour)]

    rollup.roll_up(any_database, settings, TODAY, now)

    assert [(hour.start, hour.visitors) for hour in rows(any_database, TrafficHour)] == first
    assert len(rows(any_database, TrafficDay)) == 1


def test_what_comes_late_is_in_the_next_figures(database, settings, day_file, shop_day, now):
    shop_day(TODAY)
    rollup.roll_up(database, settings, TODAY, now)
    day_file(TODAY, [(12 * 60, 9000 + device, -80) for device in range(10)])

    rollup.roll_up(database, settings, TODAY, now)

    assert rows(database, TrafficDay)[0].passers_by == 34


def test_says_nothing_about_a_day_that_nobody_listened_to(database, settings, now):
    assert rollup.roll_up(database, settings, TODAY, now) is None
    assert rows(database, TrafficDay) == []


def test_says_nothing_about_a_day_on_which_the_sensor_was_deaf(database, settings, close):
    file = sightings.DayFile(settings.sightings_dir, YESTERDAY)
    file.append((), {"source.mon0.gone": 1})
    file.close()

    assert close(database) == []

    assert rows(database, TrafficDay) == rows(database, OutboxEvent) == []
    assert files(settings) == [], "and it is forgotten all the same"


def test_leaves_out_what_is_always_there_and_counts_it(database, settings, day_file, now):
    day_file(TODAY, [(minute, 1, -50) for minute in range(0, 14 * 60, 5)] + [(600, 2, -80)])

    rollup.roll_up(database, settings, TODAY, now)

    [day] = rows(database, TrafficDay)
    assert (day.fixtures, day.passers_by, day.visitors) == (1, 1, 0)


def test_closes_a_day_once_and_forgets_its_sightings(any_database, settings, shop_day, close):
    shop_day(YESTERDAY)
    shop_day(TODAY)

    assert close(any_database) == [YESTERDAY]
    assert close(any_database) == []

    [day] = rows(any_database, TrafficDay)
    assert (day.day, day.closed_at) == (YESTERDAY, MORNING)
    assert {name[:20] for name in files(settings)} == {"sightings-2026-05-16"}
    assert len(days_told(any_database)) == 1


def test_tells_the_crm_what_the_report_shows(database, settings, sealer, shop_day, close):
    shop_day(YESTERDAY)

    close(database)

    [event] = days_told(database)
    data = json.loads(sealer.open(outbox.DATA, event.sealed_data))
    assert event.subject == "2026-05-15"
    assert data == report.find(database, settings, YESTERDAY).to_data()
    assert data["visitors"]["value"]


def test_waits_for_late_batches_of_the_day_before(database, shop_day, close):
    shop_day(YESTERDAY)
    just_after_midnight = MORNING - dt.timedelta(minutes=40)

    assert close(database, just_after_midnight) == []
    assert close(database, just_after_midnight, force=True) == [YESTERDAY]


def test_a_closed_day_keeps_its_figures(database, settings, shop_day, day_file, close):
    shop_day(YESTERDAY)
    close(database)
    day_file(YESTERDAY, [(600, 9000, -80)])

    assert rollup.roll_up(database, settings, YESTERDAY, MORNING) is None
    assert close(database) == []

    assert [day.passers_by for day in rows(database, TrafficDay)] == [24]
    assert len(days_told(database)) == 1
    assert files(settings) == []


@pytest.mark.parametrize("moment", ["before-commit", "before-unlink", "amid-unlink"])
def test_a_power_cut_neither_loses_nor_doubles_a_day(database, settings, shop_day, close, moment):
    shop_day(YESTERDAY)
    # What a sensor leaves that was cut off itself.
    (settings.sightings_dir / "sightings-2026-05-15.sqlite-wal").touch()
    script = Path(__file__).with_name("power_cut.py")
    arguments = [database.engine.url.render_as_string(), settings.data_dir, MORNING.isoformat()]

    cut = subprocess.run([sys.executable, script, moment, *arguments], cwd=ROOT, check=False)
    after = close(database)

    assert cut.returncode == 9
    assert after == ([YESTERDAY] if moment == "before-commit" else [])
    assert [day.visitors for day in rows(database, TrafficDay)] == [16]
    assert sum(hour.visitors for hour in rows(database, TrafficHour)) == 16
    assert len(days_told(database)) == 1
    assert files(settings) == []


def test_an_unreadable_file_stops_no_other_day(database, settings, shop_day, close):
    shop_day(YESTERDAY)
    broken = sightings.path_of(settings.sightings_dir, YESTERDAY - dt.timedelta(days=1))
    broken.write_text("not a database" * 100)

    assert close(database) == [YESTERDAY]

    assert files(settings) == [broken.name]


def test_a_day_goes_by_the_store_s_clock(tmp_path, database, sealer, day_file):
    settings = Settings(data_dir=tmp_path / "data", store={"time_zone": "Pacific/Kiritimati"})
    day_file(YESTERDAY, [(600, 1, -80)])
    _, end = day_bounds(YESTERDAY, settings.store.zone)

    assert rollup.close_days(database, sealer, settings, end) == []
    assert rollup.close_days(database, sealer, settings, end + rollup.GRACE) == [YESTERDAY]


@pytest.fixture
def strict_day(settings):
    """Writes a day of strict mode: 20 devices near in each window of an hour."""

    def write(day):
        start, _ = day_bounds(day, settings.store.zone)
        ten_us = int((start + dt.timedelta(hours=10)).timestamp()) * 1_000_000
        windows = [
            sightings.WindowCount(ten_us + number * 240_000_000, 20, 8) for number in range(15)
        ]
        file = sightings.DayFile(settings.sightings_dir, day)
        file.append((), {"frames": 500}, windows)
        file.close()

    return write


def test_of_a_strict_day_there_is_presence_and_nothing_of_visits(
    any_database, settings, strict_day, close
):
    strict_day(YESTERDAY)

    assert rollup.roll_up(any_database, settings, YESTERDAY, MORNING) is None
    assert close(any_database) == []

    [hour] = rows(any_database, PresenceHour)
    assert (hour.windows, hour.near, hour.inside, hour.near_most) == (15, 300, 120, 20)
    assert rows(any_database, TrafficDay) == []
    assert rows(any_database, OutboxEvent) == []
    assert files(settings) == []


def test_a_day_on_which_strict_mode_was_switched_on_has_both(
    database, settings, strict_day, shop_day, close
):
    shop_day(YESTERDAY)
    strict_day(YESTERDAY)

    assert close(database) == [YESTERDAY]

    assert len(rows(database, PresenceHour)) == len(rows(database, TrafficDay)) == 1


def test_says_how_many_are_in_the_store_now_while_the_day_runs(any_database, settings, day_file):
    start, end = day_bounds(TODAY, settings.store.zone)
    now_min = 10 * 60 + 16
    at = start + dt.timedelta(minutes=now_min)
    coming = [
        (minute, visitor * 1000 + begin, dbm)
        for visitor, stay, dbm in ((0, 1, -80), (1, 20, -50))
        for begin in range(8 * 60, now_min, 3)
        for minute, _, dbm in stays(0, begin, min(begin + stay, now_min), dbm)
    ]
    day_file(TODAY, coming)

    rollup.roll_up(any_database, settings, TODAY, at)
    rollup.roll_up(any_database, settings, TODAY, end)

    [now] = rows(any_database, TrafficNow)
    assert now.at == at, "of a day that is over there is no now"
    assert now.low <= 7 <= now.high


def test_says_for_how_long_the_sensor_heard(database, settings, day_file, shop_day, now):
    shop_day(TODAY)
    start, _ = day_bounds(TODAY, settings.store.zone)
    quarter = round(start.timestamp()) // 900
    day_file(TODAY, [], {f"hearing.{quarter + n}": s for n, s in [(0, 900), (1, 100), (4, 901)]})

    rollup.roll_up(database, settings, TODAY, now)

    assert [hour.heard_s for hour in rows(database, TrafficHour)[:3]] == [1000, 900, 0]
    # Who heard the shoppers of ten o'clock did hear.
    assert rows(database, TrafficDay)[0].heard_s > 1900


def test_a_day_that_is_kept_gives_the_rows_of_one_that_is_read_whole(
    database, settings, day_file, shop_day, now
):
    running = RunningDay(settings.sightings_dir, TODAY)
    shop_day(TODAY)
    rollup.roll_up(database, settings, TODAY, now, running)
    day_file(TODAY, stays(9000, 599, 640, -50))
    rollup.roll_up(database, settings, TODAY, now, running)
    kept = [columns(row) for row in rows(database, TrafficHour) + rows(database, TrafficDay)]

    rollup.roll_up(database, settings, TODAY, now)

    whole = [columns(row) for row in rows(database, TrafficHour) + rows(database, TrafficDay)]
    assert kept == whole
    assert whole[-1]["visitors"] == 17


def columns(row):
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}
