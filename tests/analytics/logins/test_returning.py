import datetime as dt
import zoneinfo

import pytest

from analytics.logins import returning
from analytics.logins.returning import Returning
from core import clock
from core.models.consent import Purpose
from tests.analytics.portal_shop import Shop

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
DAY = dt.timedelta(days=1)


@pytest.fixture
def shop(database, sealer, settings):
    return Shop(database, sealer, settings)


@pytest.fixture
def count(database, now):
    def run(day=None, zone=SHANGHAI):
        with database.reading() as session:
            return returning.on(session, day or clock.store_day(now, zone), zone)

    return run


@pytest.mark.parametrize(
    ("days_ago", "part"),
    [
        ([], "first_visit"),
        ([1], "back_7"),
        ([7], "back_7"),
        ([8], "back_30"),
        ([30], "back_30"),
        ([31], "back_90"),
        ([90], "back_90"),
        ([91], "back_later"),
        ([91, 40, 8, 3], "back_7"),
    ],
)
def test_a_member_counts_by_the_last_day_they_were_here(shop, count, now, days_ago, part):
    enrolled = now - max(days_ago, default=0) * DAY
    member = shop.enrol(enrolled, Purpose.VISIT_ANALYTICS)
    for days in [*days_ago, 0]:
        shop.come_online(1, now - days * DAY, member)

    assert count() == Returning(**{part: 1})


def test_two_visits_and_two_phones_of_a_day_are_one_member(shop, count, now):
    member = shop.enrol(now, Purpose.VISIT_ANALYTICS)
    shop.come_online(1, now, member)
    shop.come_online(2, now + dt.timedelta(hours=1), member)

    assert count() == Returning(first_visit=1)


def test_who_did_not_agree_or_withdrew_counts_nowhere(shop, count, now):
    shop.come_online(1, now, shop.enrol(now - DAY, Purpose.MARKETING))
    gone = shop.enrol(now - DAY, Purpose.VISIT_ANALYTICS)
    shop.come_online(2, now, gone)
    shop.withdraw(gone, now)

    assert count() == Returning()


def test_sessions_before_the_consent_are_not_looked_at(shop, count, now):
    member = shop.enrol(now - 5 * DAY)
    shop.come_online(1, now - 5 * DAY, member)
    shop.agree(member, Purpose.VISIT_ANALYTICS, now)
    shop.come_online(1, now, member)

    assert count() == Returning(back_later=1)


def test_an_hour_before_midnight_is_the_day_before_though_clocks_changed(shop, count):
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    day = dt.date(2026, 10, 25)
    start, end = clock.day_bounds(day, zone)
    last_hour = end - dt.timedelta(hours=1)
    member = shop.enrol(last_hour - 7 * DAY, Purpose.VISIT_ANALYTICS)
    # Seven days earlier by the calendar, in summer time.
    shop.come_online(1, clock.day_bounds(day - 7 * DAY, zone)[0], member)
    shop.agree(member, Purpose.VISIT_ANALYTICS, start - 8 * DAY)
    shop.come_online(1, last_hour, member)

    assert count(day, zone) == Returning(back_7=1)
    assert count(day + DAY, zone) == Returning()
