import datetime as dt
import zoneinfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import clock
from core.clock import StoreZone

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def test_now_has_a_zone():
    assert clock.now().utcoffset() == dt.timedelta(0)


def test_a_store_s_day_begins_at_its_own_midnight():
    before = dt.datetime(2026, 5, 16, 15, 59, tzinfo=dt.UTC)

    assert clock.store_day(before, SHANGHAI) == dt.date(2026, 5, 16)
    assert clock.store_day(before + dt.timedelta(minutes=1), SHANGHAI) == dt.date(2026, 5, 17)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(dt.date(2026, 5, 16), 24, id="plain"),
        pytest.param(dt.date(2026, 3, 29), 23, id="clocks-go-forward"),
        pytest.param(dt.date(2026, 10, 25), 25, id="clocks-go-back"),
    ],
)
def test_a_day_has_the_hours_it_has(day, hours):
    start, end = clock.day_bounds(day, BERLIN)

    assert end - start == dt.timedelta(hours=hours)
    assert clock.store_day(start, BERLIN) == day
    assert clock.store_day(end - dt.timedelta(microseconds=1), BERLIN) == day


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        pytest.param("Asia/Shanghai", "2026-05-17 03:59", "2026-05-16", id="the-last-shopper"),
        pytest.param("Asia/Shanghai", "2026-05-17 04:00", "2026-05-17", id="the-first"),
        pytest.param("Europe/Berlin", "2026-03-29 03:59", "2026-03-28", id="clocks-went-forward"),
        pytest.param("Europe/Berlin", "2026-10-25 03:59", "2026-10-24", id="clocks-went-back"),
    ],
)
def test_a_day_can_begin_when_the_last_shopper_has_left(zone, moment, day):
    zone = StoreZone.of(zone, dt.time(4))
    at = dt.datetime.fromisoformat(moment).replace(tzinfo=zone)

    assert clock.store_day(at, zone) == dt.date.fromisoformat(day)


def test_a_day_that_begins_late_has_the_hours_it_has():
    zone = StoreZone.of("Europe/Berlin", dt.time(4))

    starts = clock.hour_starts(dt.date(2026, 10, 24), zone)

    names = [start.astimezone(zone).hour for start in starts]
    assert names == [*range(4, 24), 0, 1, 2, 2, 3]


def test_a_store_s_zone_is_one_object_and_tells_the_time_as_any():
    zone = StoreZone.of("Europe/Berlin", dt.time(4))

    assert zone is StoreZone.of("Europe/Berlin", dt.time(4))
    assert zone is not StoreZone.of("Europe/Berlin", dt.time(0))
    summer = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    assert summer.astimezone(zone).isoformat() == "2026-07-01T14:00:00+02:00"


@given(
    st.sampled_from(
        ["Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "America/Goose_Bay"]
    ),
    st.integers(0, 12).map(dt.time),
    st.integers(946_684_800, 1_893_456_000).map(
        lambda at_s: dt.datetime.fromtimestamp(at_s, dt.UTC)
    ),
)
@example("America/Goose_Bay", dt.time(0), dt.datetime(2000, 10, 29, 3, 15, tzinfo=dt.UTC))
@example("America/Bahia_Banderas", dt.time(3), dt.datetime(2010, 4, 4, 9, tzinfo=dt.UTC))
def test_every_moment_lies_in_the_day_it_belongs_to(name, begins, moment):
    zone = StoreZone.of(name, begins)

    day = clock.store_day(moment, zone)

    start, end = clock.day_bounds(day, zone)
    assert start <= moment < end
    assert start in clock.hour_starts(day, zone)
