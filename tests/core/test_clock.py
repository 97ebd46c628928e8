import datetime as dt
import zoneinfo

import pytest

from core import clock

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
