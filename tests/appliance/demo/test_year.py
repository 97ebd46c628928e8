import datetime as dt

import pytest
import sqlalchemy as sa

from appliance.demo.year import Year
from core.models.portal_day import PortalDay
from core.models.traffic import DWELL_BUCKETS, TrafficDay, TrafficHour

LAST = dt.date(2026, 5, 15)


@pytest.fixture
def made(database, settings):
    """The rows of a made-up year of some days."""

    def make(days, **choices):
        with database.writing() as session:
            Year(settings.store.zone, LAST, days=days, **choices).fill(session)
        with database.reading() as session:
            return session.scalars(sa.select(TrafficDay).order_by(TrafficDay.day)).all()

    return make


def test_hours_and_lengths_of_stay_add_up_to_their_day(made, database):
    days = made(60)
    with database.reading() as session:
        hours = session.scalars(sa.select(TrafficHour)).all()
    assert len(days) == 60 - 3
    for day in days:
        of_day = [hour for hour in hours if hour.day == day.day]
        assert sum(hour.visitors for hour in of_day) == day.visitors
        assert sum(hour.passers_by for hour in of_day) == day.passers_by
        assert sum(getattr(day, name) for name in list(DWELL_BUCKETS)[1:]) == day.visitors
        assert day.dwell_under_5_min + day.visitors == day.entries


def test_a_funnel_gets_no_wider(made, database):
    made(40)
    with database.reading() as session:
        for day in session.scalars(sa.select(PortalDay)):
            steps = [day.saw, day.asked, day.online, day.member, day.marketing, day.clicked]
            assert steps == sorted(steps, reverse=True)


def test_more_come_in_since_the_new_window(made):
    days = made(180)
    before = [day for day in days if (LAST - day.day).days > 120]
    since = [day for day in days if (LAST - day.day).days <= 120]

    def rate(some):
        return sum(day.visitors for day in some) / sum(day.passers_by for day in some)

    assert rate(since) > 1.15 * rate(before)


def test_a_day_that_is_there_already_stays_as_it_is(made):
    first = {day.day: day.visitors for day in made(10, seed=1)}
    again = {day.day: day.visitors for day in made(20, seed=2, language="en")}
    assert len(again) == 20
    assert first.items() <= again.items()
