import datetime as dt
import zoneinfo

import pytest
import sqlalchemy as sa

from analytics.logins import funnel
from analytics.logins.funnel import Funnel
from core import clock
from core.models.consent import Purpose
from core.models.login import Login, Serves
from core.models.portal_day import PortalPhone
from tests.analytics.portal_shop import Shop

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DAY = dt.timedelta(days=1)


@pytest.fixture
def shop(database, sealer, settings):
    return Shop(database, sealer, settings)


@pytest.fixture
def count(database, sealer, now):
    def run(day=None, zone=SHANGHAI):
        with database.writing() as session:
            return funnel.bring_up_to_date(session, sealer, day or clock.store_day(now, zone), zone)

    return run


def test_each_phone_counts_for_how_far_it_came(shop, count, now):
    shop.see(1, now)
    shop.see(2, now)
    shop.ask(2, now)
    shop.see(3, now)
    shop.come_online(3, now)
    shop.see(4, now)
    shop.come_online(4, now, shop.enrol(now))
    shop.regular(5, now)
    shop.see(6, now, clicked=True)
    shop.come_online(6, now, shop.enrol(now, Purpose.MARKETING))

    assert count() == Funnel(saw=6, asked=5, online=4, member=3, marketing=2, clicked=1)


def test_a_phone_that_logs_in_again_counts_once(shop, count, now):
    shop.regular(1, now)
    shop.come_online(1, now + dt.timedelta(hours=1))

    assert count() == Funnel(1, 1, 1, 1, 1, 0)


def test_more_phones_than_are_read_at_once_all_count(shop, count, now):
    shop.see(1, now)
    shop.come_online_together(range(1, 503), now, shop.enrol(now))

    assert count() == count() == Funnel(502, 502, 502, 502, 0, 0)


def test_a_click_without_the_steps_before_it_is_none_of_the_funnel(shop, count, now):
    shop.see(1, now, clicked=True)

    assert count() == Funnel(1, 0, 0, 0, 0, 0)


def test_a_login_for_my_data_is_no_step(shop, count, now):
    shop.see(1, now)
    shop.ask(1, now, serves=Serves.MY_DATA)

    assert count().asked == 0


def test_what_was_asked_stays_when_the_login_is_forgotten(shop, database, count, now):
    shop.see(1, now)
    shop.ask(1, now)
    before = count()
    with database.writing() as session:
        session.execute(sa.delete(Login))

    assert count() == before == Funnel(1, 1, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("given", "withdrawn", "counts"),
    [
        pytest.param(0, None, 1, id="on-the-day"),
        pytest.param(-30, None, 1, id="long-ago"),
        pytest.param(-30, -1, 0, id="withdrawn-before"),
        pytest.param(0, 0.001, 1, id="withdrawn-on-the-day"),
        pytest.param(1, None, 0, id="the-day-after"),
    ],
)
def test_who_agreed_to_marketing_at_some_time_of_the_day(  # noqa: PLR0917 - by name
    shop, count, now, given, withdrawn, counts
):
    member = shop.enrol(now)
    until = None if withdrawn is None else now + withdrawn * DAY
    shop.agree(member, Purpose.MARKETING, now + given * DAY, until)
    shop.come_online(1, now, member)

    assert count().marketing == counts


def test_a_login_begun_before_midnight_and_ended_after_is_whole_on_both_days(shop, count, now):
    midnight, _ = clock.day_bounds(clock.store_day(now, SHANGHAI), SHANGHAI)
    before = midnight - dt.timedelta(minutes=1)
    shop.see(1, before)
    shop.ask(1, before)
    shop.come_online(1, midnight)

    assert count(clock.store_day(before, SHANGHAI)) == Funnel(1, 1, 0, 0, 0, 0)
    assert count() == Funnel(1, 1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(dt.date(2026, 3, 29), 23, id="clocks-go-forward"),
        pytest.param(dt.date(2026, 10, 25), 25, id="clocks-go-back"),
        pytest.param(dt.date(2026, 6, 1), 24, id="no-change"),
    ],
)
def test_a_day_is_as_long_as_the_store_s_clock_says(shop, count, day, hours):
    start, end = clock.day_bounds(day, BERLIN)
    assert end - start == dt.timedelta(hours=hours)
    for hour in range(-2, hours + 2):
        shop.come_online(100 + hour, start + hour * dt.timedelta(hours=1))

    assert [count(each, BERLIN).online for each in (day - DAY, day, day + DAY)] == [2, hours, 2]


def test_the_marks_of_one_phone_on_two_days_have_nothing_in_common(shop, database, now):
    shop.see(1, now)
    shop.see(1, now + DAY)

    with database.reading() as session:
        first, second = session.scalars(sa.select(PortalPhone.mark)).all()
    assert first != second
