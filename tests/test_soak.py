"""What `make soak` takes for growth."""

import datetime as dt
import zoneinfo

import pytest

from tests.bench import soak
from tests.bench.processes import Sample

FIRST_S, END_S, HOUR_S = 1500, 3600, 3600


def mib(of_time):
    """The verdict on a program that holds so many MiB by the second."""
    samples = [
        (at, {"jobs": Sample(of_time(at), handles=9, threads=3, cpu_s=0.0)})
        for at in range(30, END_S + 1, 30)
    ]
    found = {each["what"]: each for each in soak.verdict(samples, FIRST_S)}
    assert found["handles"]["level"]
    assert found["threads"]["level"]
    return found["mib"]


def test_what_a_day_needs_and_is_forgotten_with_it_is_no_growth():
    found = mib(lambda at: 90 + 40 * (at % FIRST_S) / HOUR_S + 5 * (at % 120 == 0))

    assert found["level"]
    assert found["an_hour"] == pytest.approx(0, abs=1)


def test_what_is_never_forgotten_is():
    found = mib(lambda at: 90 + 9 * at / HOUR_S)

    assert not found["level"]
    assert found["an_hour"] == pytest.approx(9)


@pytest.mark.parametrize("middle", [dt.time(9, 20), dt.time(16, 50), dt.time(23, 59)])
def test_a_day_may_begin_near_the_middle(middle):
    middle = dt.datetime.combine(dt.date(2026, 11, 23), middle, dt.UTC)
    begins, zone, hour = soak.SecondDay.near(middle)

    assert abs(begins - middle) <= dt.timedelta(minutes=15)
    assert begins.astimezone(zoneinfo.ZoneInfo(zone)).time() == dt.time(hour)
    assert hour <= 12
