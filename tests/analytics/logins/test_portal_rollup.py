import datetime as dt

import pytest
import sqlalchemy as sa

from analytics.logins import portal_rollup
from core import clock
from core.models.attribution import SourceKind
from core.models.portal_day import EnrolmentDay, PortalDay, PortalPhone
from tests.analytics.portal_shop import Shop

DAY = dt.timedelta(days=1)


@pytest.fixture
def shop(database, sealer, settings):
    return Shop(database, sealer, settings)


@pytest.fixture
def roll_up(database, sealer, settings):
    return lambda now: portal_rollup.roll_up(database, sealer, settings, now)


@pytest.fixture
def rows(database):
    def read(*tables):
        """All values but the time of writing, which says when and not what."""
        found = []
        with database.reading() as session:
            for table in tables or (PortalDay, EnrolmentDay, PortalPhone):
                columns = [each for each in table.__table__.c if each.name != "updated_at"]
                found += sorted(tuple(row) for row in session.execute(sa.select(*columns)))
        return found

    return read


@pytest.fixture
def today(settings, now):
    return settings.today(now)


@pytest.fixture
def after(settings, today):
    """When the day is closed."""
    return clock.day_bounds(today, settings.store.zone)[1] + portal_rollup.GRACE


def of_day(database, day):
    with database.reading() as session:
        return session.get(PortalDay, day)


def test_a_first_day_without_anybody_is_a_day_of_zeros(roll_up, database, today, now):
    assert roll_up(now) == []

    row = of_day(database, today)
    assert (row.saw, row.clicked, row.enrolled, row.closed_at) == (0, 0, 0, None)


def test_counting_again_gives_the_same(shop, roll_up, rows, now):
    guide = shop.source(SourceKind.GUIDE, "Alice", now)
    for number in range(8):
        shop.regular(number, now)
        shop.enrol(now, source=guide)
    shop.see(99, now)
    roll_up(now)
    first = rows()

    roll_up(now + dt.timedelta(minutes=1))

    assert rows() == first
    assert first[0][1:7] == (9, 8, 8, 8, 8, 0)


def test_what_comes_late_is_in_the_day(shop, roll_up, database, today, now, after):  # noqa: PLR0917 - by name
    shop.regular(1, now)
    roll_up(now)
    shop.regular(2, now)

    assert roll_up(after - dt.timedelta(seconds=1)) == []
    assert of_day(database, today).online == 2


def test_a_closed_day_keeps_its_counts_and_none_of_its_phones(  # noqa: PLR0917 - by name
    shop, roll_up, rows, today, now, after
):
    shop.regular(1, now)

    assert roll_up(after) == [today]
    kept = [row for row in rows(PortalDay) if row[0] == today]
    assert rows(PortalPhone) == []

    shop.regular(2, now)
    assert roll_up(after + DAY) == [today + DAY]
    assert rows(PortalPhone) == []
    assert [row for row in rows(PortalDay) if row[0] == today] == kept


def test_days_on_which_no_job_ran_are_counted_from_their_phones(shop, roll_up, rows, today, now):
    shop.see(1, now - 3 * DAY)
    shop.regular(2, now - 2 * DAY)

    assert roll_up(now) == [today - 3 * DAY, today - 2 * DAY]
    assert [row[:4] for row in rows(PortalDay)] == [
        (today - 3 * DAY, 1, 0, 0),
        (today - 2 * DAY, 1, 1, 1),
        (today, 0, 0, 0),
    ]


def test_counts_that_are_the_same_are_seldom_written_again(shop, database, roll_up, today, now):
    def written_after(minutes):
        roll_up(now + dt.timedelta(minutes=minutes))
        return (of_day(database, today).updated_at - now) / dt.timedelta(minutes=1)

    guide = shop.source(SourceKind.GUIDE, "Alice", now)
    assert [written_after(minutes) for minutes in (0, 9)] == [0, 0]
    shop.enrol(now, source=guide)
    assert [written_after(minutes) for minutes in (10, 11, 21)] == [10, 10, 21]


def test_new_members_are_put_down_to_who_brought_them(shop, roll_up, rows, today, now):
    guide = shop.source(SourceKind.GUIDE, "Alice", now)
    poster = shop.source(SourceKind.POSTER, "Door", now)
    for source in (guide, guide, poster, None):
        shop.enrol(now, source=source)
    shop.enrol(now - DAY, source=guide)

    roll_up(now)

    assert rows(EnrolmentDay) == [(today, guide, 2), (today, poster, 1)]
    assert [row[12] for row in rows(PortalDay)] == [4]


def test_both_databases_count_alike(any_database, sealer, settings, today, now, after):  # noqa: PLR0917 - by name
    shop = Shop(any_database, sealer, settings)
    poster = shop.source(SourceKind.POSTER, "Door", now)
    shop.see(1, now)
    shop.regular(2, now)
    shop.come_online(3, now, shop.enrol(now, source=poster))

    assert portal_rollup.roll_up(any_database, sealer, settings, now) == []
    assert portal_rollup.roll_up(any_database, sealer, settings, after) == [today]
    row = of_day(any_database, today)
    assert (row.saw, row.online, row.member, row.marketing) == (3, 2, 2, 1)
    assert (row.first_visit, row.enrolled) == (1, 2)
