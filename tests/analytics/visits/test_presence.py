import datetime as dt
import zoneinfo

import pytest

from analytics.visits import presence
from core.setting_groups.traffic import TrafficSettings
from core.sightings import Sighting, WindowCount

START_US = 1_778_900_000_000_000
RULES = TrafficSettings(inside_dbm=-65, outside_dbm=-88)


def heard(phone, second, signal_dbm, *, address=None):
    at_us = START_US + second * 1_000_000
    return Sighting(at_us, address or phone, 1000 + phone, True, signal_dbm, 2437, "door")


@pytest.mark.parametrize(
    ("sightings", "near", "inside"),
    [
        pytest.param([], 0, 0, id="nobody"),
        pytest.param([heard(1, 5, -60), heard(1, 90, -62)], 1, 1, id="one phone heard twice"),
        pytest.param(
            [heard(1, 5, -60), heard(1, 90, -62, address=77)], 1, 1, id="one of two addresses"
        ),
        pytest.param([heard(1, 5, -60), heard(2, 5, -70)], 2, 1, id="one in, one out"),
        pytest.param([heard(1, 5, -60), heard(2, 5, -90)], 1, 1, id="one too far to count"),
        pytest.param(
            [heard(1, 5, -60), *(heard(1, second, -75) for second in (20, 40))],
            1,
            0,
            id="one strong frame is not inside",
        ),
        pytest.param([heard(1, 5, None)], 0, 0, id="a driver without signal"),
    ],
)
def test_counts_devices_of_a_window(sightings, near, inside):
    assert presence.count(START_US, sightings, RULES) == WindowCount(START_US, near, inside)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Kathmandu"])
def test_sums_windows_up_by_the_hours_of_the_store(zone):
    zone, day = zoneinfo.ZoneInfo(zone), dt.date(2026, 5, 16)
    ten = dt.datetime(2026, 5, 16, 10, tzinfo=zone)
    minutes = [(-4, 1, 0), (0, 10, 5), (56, 20, 5), (60, 7, 7)]
    windows = [
        WindowCount(int((ten.timestamp() + 60 * minute) * 1e6), near, inside)
        for minute, near, inside in minutes
    ]

    hours = presence.by_hour(windows, day, zone)

    assert [
        (hour.start.astimezone(zone).hour, hour.windows, hour.near, hour.inside, hour.near_most)
        for hour in hours
    ] == [(9, 1, 1, 0, 1), (10, 2, 30, 10, 20), (11, 1, 7, 7, 7)]
