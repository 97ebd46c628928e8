"""The whole way of a day: sightings in a file, thresholds learnt, estimates in its rows."""

import datetime as dt

import pytest
import sqlalchemy as sa

from analytics import rollup
from core import sightings
from core.clock import day_bounds
from core.models.traffic import TrafficDay, TrafficHour
from core.setting_groups.traffic import TrafficSettings
from tests.analytics import toy_shop

TODAY = dt.date(2026, 5, 16)
OPENS_S = 10 * 3600


@pytest.fixture(scope="module")
def shop():
    return toy_shop.day(comers=900)


@pytest.fixture
def evening(settings, shop):
    """The shop's day is in its file; this is when it is over."""
    start, _ = day_bounds(TODAY, settings.store.zone)
    opens_us = round(start.timestamp() + OPENS_S) * 1_000_000
    rows = zip(*(column.tolist() for column in shop.heard), strict=True)
    file = sightings.DayFile(settings.sightings_dir, TODAY)
    file.append(
        (
            sightings.Sighting(
                opens_us + round(at_s * 1e6), address, look, randomised, round(dbm), 2437, "one"
            )
            for at_s, address, look, randomised, dbm in rows
        ),
        {},
    )
    file.close()
    return start + dt.timedelta(seconds=OPENS_S + shop.until_s)


def rows(database):
    with database.reading() as session:
        return session.scalars(sa.select(TrafficDay)).one(), session.scalars(
            sa.select(TrafficHour).order_by(TrafficHour.start)
        ).all()


def test_a_day_is_estimated_with_what_it_has_taught(database, settings, evening, shop):
    rollup.roll_up(database, settings, TODAY, evening)

    day, hours = rows(database)
    rate = day.entries / (day.visitors + day.passers_by)
    assert rate == pytest.approx(len(shop.dwell_s) / shop.near, abs=0.05)
    assert day.passers_by + day.visitors == pytest.approx(shop.near, rel=0.25)
    assert day.learnt_inside_dbm == day.inside_dbm == pytest.approx(-65, abs=2)
    assert sum(hour.entries for hour in hours) == day.entries


def test_what_the_settings_say_goes_before_what_is_learnt(database, settings, evening):
    by_hand = settings.model_copy(update={"traffic": TrafficSettings(inside_dbm=-58)})

    rollup.roll_up(database, by_hand, TODAY, evening)

    day, _ = rows(database)
    assert (day.inside_dbm, day.learnt_inside_dbm) == (-58, pytest.approx(-65, abs=2))


def test_rolling_up_again_gives_the_same_to_the_last_digit(database, settings, evening):
    found = []
    for _ in range(2):
        rollup.roll_up(database, settings, TODAY, evening)
        day, hours = rows(database)
        found.append([(row.entries, row.visitors, row.passers_by) for row in (day, *hours)])

    assert found[0] == found[1]
